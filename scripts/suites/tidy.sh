#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: clang-format leaves every source as it is; clang-tidy finds nothing in the pure floors
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_build[@]}" "${packages_unit[@]}" "${packages_clang[@]}" "${packages_lint[@]}"

cd "$ROOT"
formatted() {
    find dht federation gst plugin tools bench tests \( -name '*.h' -o -name '*.cpp' \) -print0 |
        xargs -r -0 -n 40 clang-format --dry-run -Werror
}
# The floors that do no I/O: where a mistake is worth finding before it runs, and the headers are ours.
tidied() {
    find dht federation -maxdepth 1 -name '*.cpp' -print0 |
        xargs -r -0 -n 4 -P "$jobs" clang-tidy -p "$BUILD/clang" --quiet 2>"$BUILD/tidy.log"
}
check "clang-format leaves every source as it is" formatted
clang_tree
check "clang-tidy finds nothing in the pure floors" tidied
