#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: the unit tests of every floor and the simulator's
# Builds: plain
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_run[@]}" "${packages_netns[@]}" gstreamer1.0-tools

build plain
registry
build_ahead
meson_tests plain
