#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: the unit tests of the pure floors and the drivers with ThreadSanitizer
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_build[@]}" "${packages_unit[@]}" "${packages_netns[@]}"

# GLib and GnuTLS are not built with it: their own locking would look like races.
export TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=0:exitcode=66
configure tsan --buildtype=debugoptimized -Db_sanitize=thread -Dplugin=false
compile tsan
meson_tests tsan --timeout-multiplier 4 --suite dht --suite federation
