#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: meson install puts the plugin, its sample and the tool where Janus and people look for them
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_build[@]}" "${packages_run[@]}" "${packages_unit[@]}"

configure install --prefix=/usr --sysconfdir=/etc -Dtests=false
compile install
place=$BUILD/installed
rm -rf "$place"
DESTDIR=$place run meson install -C "$BUILD/install" --no-rebuild >"$BUILD/install.log" 2>&1 ||
    { tail -20 "$BUILD/install.log" >&2; die "meson install failed"; }

libraries=$place/usr/$(meson introspect "$BUILD/install" --buildoptions |
    python3 -c 'import json, sys; print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "libdir"))')

# The folder where Debian's Janus keeps its own plugins, if it is the one that meson chose.
plugin=$(find "$libraries/janus/plugins" -name '*janus_viaduct.so' 2>/dev/null || true)
plugin_exports_only_create() {
    [[ -n $plugin ]] && [[ $(nm -D --defined-only "$plugin" | awk '{ print $3 }' | grep -v '^_') == create ]]
}
check "the plugin is in Janus's folder of plugins" test -n "$plugin"
check "the plugin shows Janus its create function and nothing else" plugin_exports_only_create
check "the sample configuration is beside Janus's own" \
    test -f "$place/etc/janus/janus.plugin.viaduct.jcfg.sample"
check "the viaduct command is installed" test -x "$place/usr/bin/viaduct"
check "nothing is installed that only the tests need" \
    test -z "$(find "$place" -path '*test*' -o -name '*.a' | head -1)"
