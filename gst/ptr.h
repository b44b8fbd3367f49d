// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>

#include "federation/glib/ptr.h"

template <>
struct glib::Free<GstCaps> {
    void operator()(GstCaps* p) const noexcept { gst_caps_unref(p); }
};
template <>
struct glib::Free<GstBuffer> {
    void operator()(GstBuffer* p) const noexcept { gst_buffer_unref(p); }
};
template <>
struct glib::Free<GstPromise> {
    void operator()(GstPromise* p) const noexcept { gst_promise_unref(p); }
};
template <>
struct glib::Free<GstSDPMessage> {
    void operator()(GstSDPMessage* p) const noexcept { gst_sdp_message_free(p); }
};
template <>
struct glib::Free<GstWebRTCSessionDescription> {
    void operator()(GstWebRTCSessionDescription* p) const noexcept { gst_webrtc_session_description_free(p); }
};

namespace gst {

using glib::Ptr;
using glib::Ref;

/// (transfer floating): nobody owns it yet, now we do.
template <class T>
Ref<T> take_floating(T* object) {
    return Ref<T>{object ? static_cast<T*>(g_object_ref_sink(object)) : nullptr};
}

/// A GObject property that holds an object; nothing if there is no such property.
template <class T>
Ref<T> object_property(gpointer object, const char* name) {
    T* value = nullptr;
    if (object && g_object_class_find_property(G_OBJECT_GET_CLASS(object), name))
        g_object_get(object, name, &value, nullptr);
    return Ref<T>{value};
}

}  // namespace gst
