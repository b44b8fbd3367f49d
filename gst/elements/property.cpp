// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/property.h"

namespace elements {

void fill_in(NodeSettings& settings, GstContext* context) {
    if (!gst_context_has_context_type(context, node_context)) return;
    const GstStructure* fields = gst_context_get_structure(context);
    const NodeSettings defaults{};
    const auto take = [&](const char* name, std::string NodeSettings::*where) {
        const char* value = gst_structure_get_string(fields, name);
        if (value && settings.*where == defaults.*where) settings.*where = value;
    };
    take("identity-file", &NodeSettings::identity_file);
    take("certificate-file", &NodeSettings::certificate_file);
    take("federation", &NodeSettings::federation);
    take("bootstrap", &NodeSettings::bootstrap);
    take("listen-address", &NodeSettings::listen_address);
}

}  // namespace elements
