#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: rules of the house: where includes point, what has a test, a sample, a licence; scripts are clean
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

rule() { python3 "$ROOT/scripts/lib/house.py" "$1"; }

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
    mapfile -t files < <(grep -lE '^#!/bin/(ba)?sh' scripts/* scripts/lib/* scripts/suites/* docker/* .ci/run 2>/dev/null)
    shellcheck -x -P "$ROOT" "${files[@]}"
}

check "no include points upward between the floors" rule includes_point_downward
check "dht and federation touch neither clocks nor threads nor files" rule pure_floors_touch_no_world
check "every source is built" rule sources_are_built
check "every source has its test" rule tests_mirror_the_sources
check "the sample shows every key of the configuration" rule every_key_has_its_sample
check "every source names its licence" every_source_names_its_licence
check "shellcheck finds nothing in the scripts" scripts_are_clean
