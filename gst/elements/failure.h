// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

#include "federation/reason.h"
#include "gst/ptr.h"

namespace elements {

/// What somebody can do about it who has written a pipeline.
std::string_view advice(federation::Reason reason);

/// An error message on the bus: what could not be done, why, and what to do. Its details hold the reason's
/// word
/// ("reason", a string).
void post_failure(GstElement* element, federation::Reason reason, const std::string& what);
/// The node could not start, or media is not taken: `what` says it all.
void post_settings_failure(GstElement* element, const std::string& what);
void post_media_failure(GstElement* element, const std::string& what);

}  // namespace elements
