#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: each fuzzer for some seconds, from its own corpus
# Builds: clang
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_netns[@]}"

build clang
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
meson_tests clang --suite fuzz
