// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS
GType viaduct_sink_get_type();
GType viaduct_src_get_type();
G_END_DECLS

namespace elements {

/// Makes viaductsink and viaductsrc known: of `plugin`, or to this process alone.
bool register_elements(GstPlugin* plugin);

}  // namespace elements
