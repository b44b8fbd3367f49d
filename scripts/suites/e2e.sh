#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: real clients call each other over real Janus processes, and real nodes meet others, in network namespaces
# Builds: plain
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_run[@]}" "${packages_netns[@]}" "${packages_browser[@]}" "${packages_convert[@]}" \
    "${packages_interop[@]}" "${packages_elements[@]}" gstreamer1.0-tools
need_node

build plain
registry
build_ahead
# VIADUCT_E2E names some of the files: "call errors".
read -r -a only <<<"${VIADUCT_E2E-}"
for file in "$ROOT"/tests/e2e/*.test.mjs; do
    name=$(basename "$file" .test.mjs)
    [[ ${#only[@]} -eq 0 || " ${only[*]} " == *" $name "* ]] || continue
    e2e "$name" "e2e $name"
done
