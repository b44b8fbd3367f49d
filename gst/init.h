// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

namespace gst {

/// gst_init, once in the process, by whom needs it first. It takes 6 ms, and up to a second on a
/// machine that has no plugin registry yet: never on the loop.
void init();

/// The category "viaduct" (GST_DEBUG=viaduct:6). Good at any time: before `init` nothing is logged.
GstDebugCategory* log_category();

}  // namespace gst

// What the GST_INFO family logs to in the files that include this.
#undef GST_CAT_DEFAULT
#define GST_CAT_DEFAULT gst::log_category()
