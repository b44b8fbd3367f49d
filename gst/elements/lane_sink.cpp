// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/lane_sink.h"

#include <gst/base/gstbasesink.h>

#include <memory>

namespace {

using Callbacks = elements::LaneSinkCallbacks;

struct LaneSink {
    GstBaseSink parent;
    Callbacks* callbacks;
};
struct LaneSinkClass {
    GstBaseSinkClass parent;
};

GType lane_sink_get_type();
G_DEFINE_TYPE(LaneSink, lane_sink, GST_TYPE_BASE_SINK)

const Callbacks& callbacks_of(gpointer sink) {
    return *static_cast<LaneSink*>(sink)->callbacks;
}

GstFlowReturn render(GstBaseSink* sink, GstBuffer* buffer) {
    if (const auto& packet = callbacks_of(sink).packet) packet(GST_ELEMENT(sink), buffer);
    return GST_FLOW_OK;
}

GstFlowReturn render_list(GstBaseSink* sink, GstBufferList* list) {
    for (guint i = 0; i < gst_buffer_list_length(list); ++i) render(sink, gst_buffer_list_get(list, i));
    return GST_FLOW_OK;
}

gboolean set_caps(GstBaseSink* sink, GstCaps* caps) {
    if (const auto& described = callbacks_of(sink).described) described(caps);
    return TRUE;
}

void lane_sink_init(LaneSink* self) {
    self->callbacks = new Callbacks;
}

void finalize(GObject* object) {
    delete reinterpret_cast<LaneSink*>(object)->callbacks;
    G_OBJECT_CLASS(lane_sink_parent_class)->finalize(object);
}

GstStaticPadTemplate sink_template =
    GST_STATIC_PAD_TEMPLATE("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS("application/x-rtp"));

void lane_sink_class_init(LaneSinkClass* self) {
    G_OBJECT_CLASS(self)->finalize = finalize;
    auto* element = GST_ELEMENT_CLASS(self);
    gst_element_class_add_static_pad_template(element, &sink_template);
    gst_element_class_set_static_metadata(element, "Lane sink", "Sink/Network", "Hands RTP packets to lanes",
                                          "The authors of Viaduct");
    auto* sink = GST_BASE_SINK_CLASS(self);
    sink->render = render;
    sink->render_list = render_list;
    sink->set_caps = set_caps;
}

}  // namespace

namespace elements {

gst::Ref<GstElement> make_lane_sink(LaneSinkCallbacks callbacks, bool live) {
    // Not async: a publisher shows nothing in PAUSED, and a pad without data must not hold up the others.
    auto element =
        gst::take_floating(GST_ELEMENT(g_object_new(lane_sink_get_type(), "async", FALSE, "sync", !live,
                                                    "qos", FALSE, "enable-last-sample", FALSE, nullptr)));
    *reinterpret_cast<LaneSink*>(element.get())->callbacks = std::move(callbacks);
    return element;
}

}  // namespace elements
