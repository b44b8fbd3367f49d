// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/elements.h"

#define PACKAGE "viaduct"

static gboolean viaduct_plugin_init(GstPlugin* plugin) {
    return elements::register_elements(plugin) ? TRUE : FALSE;
}

GST_PLUGIN_DEFINE(GST_VERSION_MAJOR, GST_VERSION_MINOR, viaduct,
                  "Streams between the members of a federation, found by NodeID", viaduct_plugin_init,
                  VIADUCT_VERSION, "LGPL", "Viaduct", "https://viaduct.invalid/")
