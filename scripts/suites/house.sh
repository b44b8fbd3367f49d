#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: rules of the house: includes never point upward, every source names its licence, scripts are clean
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_lint[@]}" python3

cd "$ROOT"

# The files of the project as they are now, committed or not; without git all but the builds.
sources() {
    if [[ -d .git ]]; then
        git -c safe.directory='*' ls-files --cached --others --exclude-standard
    else
        find . -type f -not -path './build*' -printf '%P\n'
    fi
}

# Each floor sees itself and those below it.
no_include_points_upward() {
    python3 - <<'EOF'
import pathlib, re, sys
floors = ["dht", "federation", "gst", "plugin"]
height = {floor: index for index, floor in enumerate(floors)}
height["tools"] = height["plugin"]  # beside each other: neither may see the other
wrong = 0
for floor in height:
    for path in sorted(pathlib.Path(floor).rglob("*.[hc]*")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            included = re.match(r'\s*#\s*include\s*"(\w+)/', line)
            if not included or included[1] not in height or included[1] == floor:
                continue
            if height[included[1]] >= height[floor]:
                print(f"{path}:{number}: {floor} includes from {included[1]}, which is not below it")
                wrong += 1
sys.exit(wrong > 0)
EOF
}

every_source_names_its_licence() {
    local file wrong=0
    while read -r file; do
        [[ -f $file ]] || continue
        case $file in
        *.h | *.cpp | *.mjs | *.js | *.css | *.html | *.sh | *.py | *meson.build | *.yaml | .ci/run | scripts/*) ;;
        *) continue ;;
        esac
        head -5 "$file" | grep -q 'SPDX-License-Identifier: ' || { say "$file: no SPDX line"; wrong=1; }
    done < <(sources)
    return "$wrong"
}

scripts_are_clean() {
    local files
    mapfile -t files < <(grep -lE '^#!/bin/(ba)?sh' scripts/* scripts/suites/* .ci/run 2>/dev/null)
    shellcheck -x -P "$ROOT" "${files[@]}"
}

check "no include points upward between the floors" no_include_points_upward
check "every source names its licence" every_source_names_its_licence
check "shellcheck finds nothing in the scripts" scripts_are_clean
