#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: each fuzzer for some seconds (VIADUCT_FUZZ_SECONDS), from its own corpus
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_build[@]}" "${packages_unit[@]}" "${packages_clang[@]}"

seconds=${VIADUCT_FUZZ_SECONDS:-5}
CC=clang CXX=clang++ configure fuzz --buildtype=debugoptimized -Dfuzz=true -Dplugin=false \
    -Db_sanitize=address,undefined
compile fuzz
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

survives() {
    local fuzzer=$1 name=$2 corpus=$BUILD/corpus/$2 seeds=$ROOT/tests/fuzz/corpus/$2
    mkdir -p "$corpus"
    local folders=("$corpus")
    [[ -d $seeds ]] && folders+=("$seeds")
    (cd "$BUILD/corpus" && "$fuzzer" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
        -print_final_stats=0 -verbosity=0 "${folders[@]}") >"$BUILD/corpus/$name.log" 2>&1 ||
        { tail -40 "$BUILD/corpus/$name.log"; return 1; }
}
found=
for fuzzer in "$BUILD"/fuzz/tests/fuzz/*; do
    [[ -f $fuzzer && -x $fuzzer ]] || continue
    found=yes
    name=$(basename "$fuzzer")
    check "fuzz: $name survives $seconds s" survives "$fuzzer" "$name"
done
[[ -n $found ]] || skipped "fuzz: there are no fuzzers"
