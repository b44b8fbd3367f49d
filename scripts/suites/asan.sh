#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: the unit tests with AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer
# Builds: clang
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_run[@]}" "${packages_netns[@]}" gstreamer1.0-tools

# Faults must end a test, also those that UBSan would only print.
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
# Check forks a process for each test; without that a leak is reported by the process that made it.
export CK_FORK=no
export LSAN_OPTIONS=suppressions=$ROOT/scripts/lib/lsan.supp:print_suppressions=0

# LeakSanitizer's tracer crashes on thread-local storage of libraries that were loaded late.
export ASAN_OPTIONS=intercept_tls_get_addr=0

build clang
registry
build_ahead
meson_tests clang --timeout-multiplier 4 --no-suite fuzz --no-suite gst
# GLib has no frame pointers, so its own leaks can only be told from ours by the slow way up the stack; where
# GStreamer is, there is one.
ASAN_OPTIONS+=:fast_unwind_on_malloc=0:malloc_context_size=12
meson_tests clang --timeout-multiplier 4 --num-processes 1 --suite gst
