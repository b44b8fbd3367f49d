#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: the end-to-end tests of calls and rooms with AddressSanitizer and UBSan in the plugin inside Janus (long)
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_run[@]}" "${packages_netns[@]}" gstreamer1.0-tools
need_node

need_to_build clang
clang_tree
compile clang plugin/libjanus_viaduct.so
registry
VIADUCT_PLUGIN=$BUILD/clang/plugin/libjanus_viaduct.so
VIADUCT_JANUS_PRELOAD=$(clang++ -print-file-name=libclang_rt.asan-x86_64.so)
export VIADUCT_PLUGIN VIADUCT_JANUS_PRELOAD
# What leaks is told by other tests: Janus and GStreamer leave much behind when they end.
export ASAN_OPTIONS=detect_leaks=0:quarantine_size_mb=4:intercept_tls_get_addr=0:halt_on_error=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# VIADUCT_E2E names other files.
read -r -a files <<<"${VIADUCT_E2E-call data errors races renegotiation room rooms shutdown}"
for name in "${files[@]}"; do
    e2e "$name" "hardened $name"
done
mapfile -t faults < <(grep -l -s -r -E 'ERROR: AddressSanitizer|runtime error:' "$BUILD/run" --include=log)
if [[ ${#faults[@]} -gt 0 ]]; then
    grep -h -m 1 -A 12 -E 'ERROR: AddressSanitizer|runtime error:' "${faults[@]}" | head -60
    failed "hardened: these logs tell of a fault: ${faults[*]}"
else
    passed "hardened: no fault in the log of any Janus"
fi
