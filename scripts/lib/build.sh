# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Builds of several kinds, each in a folder of its own below the build folder.

# configure KIND [meson's options…]
configure() {
    local kind=$1 folder=$BUILD/$1
    shift
    if [[ ! -f $folder/build.ninja ]]; then
        run meson setup "$folder" "$ROOT" "$@" >"$BUILD/$kind.setup.log" 2>&1 ||
            { tail -30 "$BUILD/$kind.setup.log" >&2; die "meson setup of $kind failed"; }
    fi
}

compile() {
    local kind=$1
    shift
    if [[ -t 1 ]]; then # a build takes minutes: whoever watches sees ninja count
        run ninja -C "$BUILD/$kind" -j "$jobs" "$@" || die "the $kind build failed"
        return
    fi
    run ninja -C "$BUILD/$kind" -j "$jobs" "$@" >"$BUILD/$kind.build.log" 2>&1 ||
        { grep -m 8 -E -A9 'error|FAILED' "$BUILD/$kind.build.log" >&2 || true; die "the $kind build failed"; }
}

# plain TARGET…: the build that everything else uses: all, or a part of it.
plain() {
    configure plain --buildtype=debugoptimized
    compile plain "$@"
}

clang_tree() {
    CC=clang CXX=clang++ configure clang -Dwerror=true -Dfuzz=true --buildtype=debugoptimized
}

# Without a cache of its plugins GStreamer looks through all of them at the start of each process.
registry() {
    [[ -f $GST_REGISTRY ]] || run gst-inspect-1.0 --exists webrtcbin 2>/dev/null ||
        complain "GStreamer has no webrtcbin"
}
