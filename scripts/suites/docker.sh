#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: a federation in containers, and what it survives (VIADUCT_DOCKER names more scenarios, or all; VIADUCT_TIMES)
# Builds: plain
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"

if [[ $EUID -ne 0 ]]; then
    skipped "docker: only root may start a container engine"
    exit
fi
need "${packages_build[@]}" "${packages_run[@]}" "${packages_unit[@]}" "${packages_netns[@]}" "${packages_image[@]}" \
    "${packages_docker[@]}"
need_engine
need_node

# One that every change must pass; the others by name. Scenarios are the files of tests/docker/scenarios.
images=()
case ${VIADUCT_DOCKER-} in
'') names=(quick) images=(node server) ;;
all) mapfile -t names < <(basename -s .mjs "$ROOT"/tests/docker/scenarios/*.mjs) ;;
*) read -r -a names <<<"$VIADUCT_DOCKER" ;;
esac
for name in "${names[@]}"; do
    [[ -f $ROOT/tests/docker/scenarios/$name.mjs ]] || die "no scenario $name in tests/docker/scenarios"
done

plain plugin/libjanus_viaduct.so gst/elements/libgstviaduct.so tools/viaduct
registry
build_ahead
run "$ROOT/scripts/lib/with-engine" --build "$ROOT/scripts/lib/images" "${images[@]}" || status=$?
if [[ ${status-0} -eq 77 && -z ${VIADUCT_DOCKER-} ]]; then # where containers run in a container, say
    skipped "docker: no container engine starts here; see $BUILD/docker/dockerd.log"
    exit
fi
[[ ${status-0} -eq 0 ]] || exit "$status"
run "$ROOT/scripts/lib/with-engine" --run node "$ROOT/tests/docker/main.mjs" --times "${VIADUCT_TIMES:-1}" "${names[@]}" || status=$?
# Each scenario has counted itself; one that was not reached has not.
[[ ${status-0} -le 1 ]]
