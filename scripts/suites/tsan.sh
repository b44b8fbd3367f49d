#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: the unit tests of what threads share without GLib between them, with ThreadSanitizer
# Builds: tsan
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_run[@]}" "${packages_netns[@]}" gstreamer1.0-tools

# The media path, the outbox and the lanes of one server have locks of their own. What is handed over through a
# GMainContext is not looked at: GLib is not built with ThreadSanitizer and locks by futex, so each hand-over
# would be a race to it.
export TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=0:exitcode=66
build tsan
registry
meson_tests tsan --timeout-multiplier 4 --suite plugin --suite dht --suite locks
