#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: clang builds everything without a warning, and g++ several files at a time, as docker/Dockerfile does
# Builds: clang
# Builds: unity
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"

check "clang builds everything without a warning" build clang
check "g++ builds what the images hold, several files at a time" build unity
