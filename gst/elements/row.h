// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "federation/result.h"
#include "gst/ptr.h"

namespace elements {

/// Elements in a row, in a bin of their own.
class Row {
public:
    Row() : bin_(gst::take_floating(gst_bin_new(nullptr))) {}

    /// The bin owns it; it is linked behind the last one. Null if it cannot be.
    GstElement* add(gst::Ref<GstElement> element);
    /// A new one; `where`: the package that has it, to tell who lacks it.
    federation::Result<GstElement*> add(const char* factory, const char* where = "");
    GstElement* add_filter(const char* caps);
    /// The row is complete: with a pad "sink" and, if the last element has one, a pad "src".
    gst::Ref<GstElement> take();

private:
    void expose(GstElement* element, const char* pad);

    gst::Ref<GstElement> bin_;
    GstElement* first_ = nullptr;
    GstElement* last_ = nullptr;
};

/// Sets a property that not every version of an element has.
void set_if_known(GstElement* element, const char* property, const char* value);

}  // namespace elements
