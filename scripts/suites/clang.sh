#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: clang builds everything without a warning
# Builds: clang
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"

check "clang builds everything without a warning" build clang
