#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: the unit tests of every floor and the simulator's
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_build[@]}" "${packages_run[@]}" "${packages_unit[@]}" "${packages_netns[@]}" gstreamer1.0-tools

plain all
registry
meson_tests plain
