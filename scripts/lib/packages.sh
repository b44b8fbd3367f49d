# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# Debian's packages that each job needs, and how to get those that are missing.

packages_build=(g++ meson ninja-build pkg-config python3 libglib2.0-dev libjansson-dev libsoup-3.0-dev
    libsodium-dev nettle-dev libssl-dev libgstreamer1.0-dev libgstreamer-plugins-base1.0-dev
    libgstreamer-plugins-bad1.0-dev janus-dev libcli11-dev)
packages_run=(janus gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad
    gstreamer1.0-nice glib-networking openssl)
packages_unit=(check)
packages_clang=(clang lld llvm)
packages_lint=(clang-format clang-tidy shellcheck)
packages_netns=(iproute2 util-linux)
packages_interop=(python3-libtorrent)
packages_browser=(chromium janus-demos)
packages_convert=(janus-tools)
packages_image=(busybox curl gstreamer1.0-tools iproute2 iptables)
packages_docker=(debootstrap docker-compose faketime)
packages_elements=(python3-gi gir1.2-gstreamer-1.0 gstreamer1.0-plugins-base-apps)

installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# need PACKAGE…: installs what is missing, or lists it and ends with 2 when there is no right to install.
need() {
    local package missing=() sudo=()
    for package in "$@"; do
        installed "$package" || missing+=("$package")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if [[ $EUID -ne 0 ]]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            sudo=(sudo -n)
        elif command -v sudo >/dev/null && [[ -t 0 ]]; then
            sudo=(sudo)
        else
            complain "these packages are missing, and $(id -un) may not install them; as root:"
            complain "    apt-get install --no-install-recommends ${missing[*]}"
            exit 2
        fi
    fi
    say "installing ${missing[*]}"
    local apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    "${apt[@]}" update
    "${apt[@]}" install --no-install-recommends "${missing[@]}" >"$BUILD/apt.log" 2>&1 ||
        { tail -20 "$BUILD/apt.log" >&2; die "apt-get could not install them; see $BUILD/apt.log"; }
}

# Node in whatever way it came here; Debian's when there is none.
need_node() {
    local wanted=()
    command -v node >/dev/null || wanted+=(nodejs)
    command -v npm >/dev/null || wanted+=(npm)
    [[ ${#wanted[@]} -eq 0 ]] || need "${wanted[@]}"
    local folder=$BUILD/node
    mkdir -p "$folder"
    cmp -s "$ROOT/tests/e2e/package-lock.json" "$folder/installed.json" && return
    cp "$ROOT"/tests/e2e/{package.json,package-lock.json,.npmrc} "$folder/"
    say "installing the clients' npm packages"
    (cd "$folder" && npm ci --silent --no-audit --no-fund) || die "npm could not install them"
    cp "$folder/package-lock.json" "$folder/installed.json"
}

# A container engine: whichever is here, or Debian's. Only its programs are used, not what runs on this machine.
need_engine() {
    command -v dockerd >/dev/null && command -v docker >/dev/null || need docker.io
}
