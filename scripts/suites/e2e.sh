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
    tap=$BUILD/e2e-$name.tap
    # Each file has a namespace of its own: no port is taken, and what it forgets to stop dies with it.
    run "$ROOT/scripts/netns" node --test --test-reporter=spec --test-reporter-destination=stdout \
        --test-reporter=tap --test-reporter-destination="$tap" "$file" || true
    python3 - "$tap" "$name" >>"$RESULTS" <<'EOF'
import re, sys
try:
    lines = open(sys.argv[1]).read().splitlines()
except OSError:
    lines = []
found = False
for line in lines:
    test = re.match(r"\s*(not ok|ok) \d+ - (.*)", line)
    if not test or test[2].endswith(".mjs"):
        continue
    found = True
    name, _, directive = test[2].partition(" # ")
    word = "skipped" if directive.startswith("SKIP") else "passed" if test[1] == "ok" else "failed"
    print(word, f"e2e {sys.argv[2]}: {name}")
if not found:
    print("failed", f"e2e {sys.argv[2]}: no test ran")
EOF
done
