// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/row.h"

#include <string>

namespace elements {

GstElement* Row::add(gst::Ref<GstElement> element) {
    GstElement* added = element.get();
    if (!added || !gst_bin_add(GST_BIN(bin_.get()), added)) return nullptr;
    if (last_ && !gst_element_link(last_, added)) return nullptr;
    if (!first_) first_ = added;
    return last_ = added;
}

federation::Result<GstElement*> Row::add(const char* factory, const char* where) {
    auto element = gst::take_floating(gst_element_factory_make(factory, nullptr));
    if (!element)
        return federation::Error{std::string{"the element "} + factory + " is missing: install " +
                                 (*where ? where : "GStreamer's base, good and bad plugins")};
    if (GstElement* added = add(std::move(element))) return added;
    return federation::Error{std::string{factory} + " does not take what comes before it"};
}

GstElement* Row::add_filter(const char* caps) {
    auto filter = gst::take_floating(gst_element_factory_make("capsfilter", nullptr));
    if (!filter) return nullptr;
    const gst::Ptr<GstCaps> wanted{gst_caps_from_string(caps)};
    g_object_set(filter.get(), "caps", wanted.get(), nullptr);
    return add(std::move(filter));
}

void Row::expose(GstElement* element, const char* pad) {
    const auto target = glib::take_ref(gst_element_get_static_pad(element, pad));
    if (target) gst_element_add_pad(bin_.get(), gst_ghost_pad_new(pad, target.get()));
}

gst::Ref<GstElement> Row::take() {
    expose(first_, "sink");
    expose(last_, "src");
    return std::move(bin_);
}

void set_if_known(GstElement* element, const char* property, const char* value) {
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(element), property))
        gst_util_set_object_arg(G_OBJECT(element), property, value);
}

}  // namespace elements
