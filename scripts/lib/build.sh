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

# Of debug information enough for the lines of a backtrace: the whole of it takes a compiler as long as the code.
lines=(-Ddebug=false -Dcpp_args=-g1)

# plain TARGET…: the build that everything else uses: all, or a part of it.
plain() {
    configure plain -Doptimization=2 "${lines[@]}"
    compile plain "$@"
}

# One for all that clang does: warnings, clang-tidy, the fuzzers and the tests with the sanitizers.
clang_tree() {
    # Meson puts ccache before the default compiler, if there is one, but not before one that is named.
    CXX="$(command -v ccache || true) clang++" CXX_LD=lld configure clang -Dwerror=true -Dfuzz=true \
        -Doptimization=1 -Db_sanitize=address,undefined "${lines[@]}"
}

# build KIND: plain, clang, unity or tsan, with everything that its suites run.
build() {
    local programs
    need_to_build "$1"
    case $1 in
    plain) plain all ;;
    clang) clang_tree && compile clang ;;
    # Without optimizing: it is for names that two files of one unit use for two things.
    unity)
        configure unity -Doptimization=0 -Ddebug=false -Dtests=false -Dunity=on -Dunity_size=4
        compile unity
        ;;
    tsan)
        configure tsan -Doptimization=1 -Db_sanitize=thread "${lines[@]}"
        run ninja -C "$BUILD/tsan" build.ninja >/dev/null || die "meson setup of tsan failed" # which tests there are now
        # Of the tests only those of what threads share without GLib between them.
        mapfile -t programs < <(ninja -C "$BUILD/tsan" -t targets all |
            sed -nE 's,^(tests/(dht/|plugin/|gst/gst_local_lanes)[^/]*): cpp_LINKER.*,\1,p')
        compile tsan "${programs[@]}"
        ;;
    esac
}

need_to_build() {
    need "${packages_build[@]}" "${packages_unit[@]}"
    [[ $1 != clang ]] || need "${packages_clang[@]}"
}

# Builds what later suites need (VIADUCT_LATER) while the tests of this one wait for packets and timers. It gets
# the processor time that they leave, and ends with them: what it has not built then, its suite builds.
build_ahead() {
    local kind
    for kind in ${VIADUCT_LATER-}; do
        (need_to_build "$kind") || return 0
    done
    (
        # A compiler is not ended before ninja is, which would start another.
        trap 'stopped=yes; kill -TERM "${running-}" 2>/dev/null || true' TERM
        chrt --idle --pid 0 "$BASHPID" || renice 19 "$BASHPID"
        for kind in ${VIADUCT_LATER-}; do build "$kind"; done
    ) >"$BUILD/ahead.log" 2>&1 &
    ahead=$!
    trap 'kill -TERM "$ahead" 2>/dev/null && wait "$ahead" || true' EXIT
}

# Without a cache of its plugins GStreamer looks through all of them at the start of each process.
registry() {
    [[ -f $GST_REGISTRY ]] || run gst-inspect-1.0 --exists webrtcbin 2>/dev/null ||
        complain "GStreamer has no webrtcbin"
}
