# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# What every script starts with: where things are, how to talk, how to stop.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${VIADUCT_BUILD:-$ROOT/build}
export ROOT BUILD VIADUCT_BUILD=$BUILD
mkdir -p "$BUILD"

# Nothing is written outside the build folder: caches and settings of the tools go there too.
export GST_REGISTRY=$BUILD/gst-registry.bin
export npm_config_cache=$BUILD/npm-cache
export XDG_CACHE_HOME=$BUILD/home/.cache XDG_CONFIG_HOME=$BUILD/home/.config
jobs=${VIADUCT_JOBS:-$(nproc)}
export jobs

say() { printf '%s\n' "$*"; }
note() { printf '\n== %s\n' "$*"; }
complain() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() {
    complain "$*"
    exit 1
}

# Runs a command so that a signal to this script ends it as well. Bash waits for a command in the foreground
# before it runs a trap; for one in the background it does not.
run() {
    local status
    [[ -z ${stopped-} ]] || exit 130
    "$@" <&0 &
    running=$!
    while :; do
        status=0
        wait "$running" || status=$?
        kill -0 "$running" 2>/dev/null || break
    done
    running=
    [[ -z ${stopped-} ]] || exit 130
    return "$status"
}

# The processes below a process, the deepest first.
below() {
    local child
    for child in $(cat "/proc/$1/task/"*/children 2>/dev/null); do
        below "$child"
        printf '%s ' "$child"
    done
}

interrupted() {
    stopped=yes
    [[ -n ${running-} ]] || exit 130
    # shellcheck disable=SC2046 # a list of numbers
    kill -TERM $(below "$running") "$running" 2>/dev/null || true
}
trap interrupted INT TERM HUP
