#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What: meson install puts the plugin, its sample and the tool where Janus and people look for them
# Builds: plain
set -euo pipefail
# shellcheck source=scripts/lib/suite.sh
. "$(dirname "$0")/../lib/suite.sh"
need "${packages_run[@]}" gstreamer1.0-tools

build plain
place=$BUILD/installed
rm -rf "$place"
DESTDIR=$place run meson install -C "$BUILD/plain" --no-rebuild >"$BUILD/install.log" 2>&1 ||
    { tail -20 "$BUILD/install.log" >&2; die "meson install failed"; }

# The folder where Janus's own plugins are, wherever this distribution keeps them.
plugin=$(find "$place" -path '*/janus/plugins/*' -name '*janus_viaduct.so')
plugin_exports_only_create() {
    [[ -n $plugin ]] && [[ $(nm -D --defined-only "$plugin" | awk '{ print $3 }' | grep -v '^_') == create ]]
}
# The link lets every undefined symbol pass, since Janus's are; one of our own would only show in Janus.
needs_only_what_janus_has() {
    local missing
    missing=$(ldd -r "$plugin" 2>&1 | sed -n 's/^undefined symbol: \([^\t ]*\).*/\1/p' | sort -u |
        comm -23 - <(nm -D --defined-only "$(command -v janus)" | awk '{ print $NF }' | sed 's/@.*//' | sort -u))
    [[ -z $missing ]] || { say "$missing" | c++filt; return 1; }
}
beside_the_others() { [[ -n $plugin && -d $(dirname "${plugin#"$place"}") ]]; }
check "the plugin is in the folder of Janus's own plugins" beside_the_others
check "the plugin shows Janus its create function and nothing else" plugin_exports_only_create
check "every symbol that the plugin needs is in Janus or its libraries" needs_only_what_janus_has
check "the sample configuration is beside Janus's own" \
    test -f "$place/etc/janus/janus.plugin.viaduct.jcfg.sample"
elements=$(find "$place" -name libgstviaduct.so)
# Where this GStreamer looks, and as GStreamer itself sees it, which asks for version 1.0 unless told otherwise.
elements_are_found() {
    [[ -n $elements && -d $(dirname "${elements#"$place"}") ]] &&
        GST_PLUGIN_PATH=$(dirname "$elements") gst-inspect-1.0 --exists --atleast-version=0.1 viaductsink &&
        GST_PLUGIN_PATH=$(dirname "$elements") gst-inspect-1.0 --exists --atleast-version=0.1 viaductsrc
}
needs_nothing_else() { ! ldd -r "$elements" 2>&1 | grep -q 'undefined symbol'; }
check "the GStreamer plugin is in GStreamer's folder and has both elements" elements_are_found
check "every symbol that the GStreamer plugin needs is in its libraries" needs_nothing_else
check "the viaduct command is installed" test -x "$place/usr/local/bin/viaduct"
check "nothing is installed that only the tests need" \
    test -z "$(find "$place" -name '*test*' -o -name '*.a' | head -1)"
