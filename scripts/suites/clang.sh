#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: clang builds everything without a warning
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_build[@]}" "${packages_unit[@]}" "${packages_clang[@]}"

# With the fuzzers, which only clang can build: the fuzz suite runs them from here.
clang_builds_without_a_warning() {
    clang_tree && compile clang
}
check "clang builds everything without a warning" clang_builds_without_a_warning
