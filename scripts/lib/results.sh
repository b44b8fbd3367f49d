# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What passed and what failed: one line each in a file, so that suites in other processes can add to it.

RESULTS=${VIADUCT_RESULTS:-$BUILD/results}
export VIADUCT_RESULTS=$RESULTS

passed() { printf 'passed %s\n' "$*" >>"$RESULTS"; }
failed() {
    printf 'failed %s\n' "$*" >>"$RESULTS"
    printf 'FAILED: %s\n' "$*"
}
skipped() {
    printf 'skipped %s\n' "$*" >>"$RESULTS"
    printf 'skipped: %s\n' "$*"
}

# check NAME COMMAND…: one test made of a command.
check() {
    local name=$1
    shift
    if "$@"; then passed "$name"; else failed "$name"; fi
}

count() { grep -c "^$1 " "$RESULTS" || true; }

# meson_tests KIND [meson test options…]: each of its tests counts as one. They find a loopback and no more.
meson_tests() {
    local kind=$1 folder=$BUILD/$1 log=$BUILD/$1/meson-logs/testlog.json status=0
    shift
    rm -f "$log"
    run "$ROOT/scripts/netns" meson test -C "$folder" --no-rebuild --num-processes "$jobs" --print-errorlogs "$@" || status=$?
    if [[ ! -s $log ]]; then
        if [[ $status -eq 0 ]]; then
            skipped "$kind: there are no tests"
        else
            failed "$kind: meson test ended with $status"
        fi
        return
    fi
    python3 - "$log" "$(basename "$0" .sh)" >>"$RESULTS" <<'EOF'
import json, sys
for line in open(sys.argv[1]):
    test = json.loads(line)
    word = {"OK": "passed", "EXPECTEDFAIL": "passed", "SKIP": "skipped"}.get(test["result"], "failed")
    print(word, sys.argv[2] + ":", test["name"])
EOF
}

# The longest file takes a minute; what a failed test leaves open must not keep the others waiting.
e2e_seconds_max=600

# e2e NAME WORDS: each test of tests/e2e/NAME.test.mjs counts as one, reported as WORDS and its name.
e2e() {
    local tap=$BUILD/${2// /-}.tap status=0
    # Each file has a namespace of its own: no port is taken, and what it forgets to stop dies with it.
    run timeout "$e2e_seconds_max" "$ROOT/scripts/netns" node --test \
        --test-reporter=spec --test-reporter-destination=stdout \
        --test-reporter=tap --test-reporter-destination="$tap" "$ROOT/tests/e2e/$1.test.mjs" || status=$?
    [[ $status -ne 124 ]] || failed "$2: did not end within $e2e_seconds_max s"
    python3 - "$tap" "$2" >>"$RESULTS" <<'EOF'
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
    print(word, f"{sys.argv[2]}: {name}")
if not found:
    print("failed", f"{sys.argv[2]}: no test ran")
EOF
}
