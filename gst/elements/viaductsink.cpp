// SPDX-License-Identifier: LGPL-2.1-or-later
// The GObject around elements::Sink.
#include <array>

#include "gst/elements/elements.h"
#include "gst/elements/property.h"
#include "gst/elements/sink.h"
#include "gst/init.h"

using elements::NodeSettings;
using elements::Sink;
using elements::SinkSettings;

namespace {

constexpr std::uint64_t bits_max = 1'000'000'000;

using P = elements::Property<SinkSettings>;
const std::array properties = {
    P{"stream", "Stream", "Name under which the stream is published: viaduct://<NodeID>/<stream>",
      &SinkSettings::stream},
    P{"bootstrap", "Bootstrap", elements::bootstrap_text, &NodeSettings::bootstrap},
    P{"federation", "Federation", elements::federation_text, &NodeSettings::federation},
    P{"identity-file", "Identity file", elements::identity_text, &NodeSettings::identity_file},
    P{"certificate-file", "Certificate file", elements::certificate_text, &NodeSettings::certificate_file},
    P{"listen-address", "Listen address", elements::listen_text, &NodeSettings::listen_address},
    P{"room", "Room", "Room of the federation in which the stream is a feed; none: only a stream",
      &SinkSettings::room},
    P{"display-name", "Display name", "For people, in rooms and players", &SinkSettings::display_name},
    P{"video-encoder", "Video encoder",
      "Factory for raw video; none: the best that is installed, hardware first",
      &SinkSettings::video_encoder},
    P{"audio-encoder", "Audio encoder", "Factory for raw audio; none: the best that is installed",
      &SinkSettings::audio_encoder},
    P{"video-codec", "Video codec", "Caps name to encode raw video to, such as video/x-vp8; none: any",
      &SinkSettings::video_codec},
    P{"bitrate", "Bitrate", "Of encoded video, in bit/s, to begin with", &SinkSettings::bitrate, bits_max,
      true},
    P{"min-bitrate", "Least bitrate", "However little viewers report that they receive (REMB), in bit/s",
      &SinkSettings::min_bitrate, bits_max},
    P{"max-bitrate", "Most bitrate", "However much viewers report, in bit/s", &SinkSettings::max_bitrate,
      bits_max},
    P{"audio-bitrate", "Audio bitrate", "Of encoded audio, in bit/s", &SinkSettings::audio_bitrate, bits_max},
    P{"do-fec", "Forward error correction",
      "Encoded Opus repeats each packet in the next, in fewer bits. Video is repaired by retransmission",
      &SinkSettings::fec},
    P{"do-retransmission", "Retransmission",
      "Whether viewers are told that lost packets come again; trunks repair what they can in any case",
      &SinkSettings::retransmission},
    P{"max-viewers", "Most viewers", "Servers and players that may watch at the same time",
      &SinkSettings::viewers_max, 100'000},
};
enum { prop_node_id = 100, prop_uri, prop_stats };
enum {
    signal_accept_viewer,
    signal_viewer_added,
    signal_viewer_removed,
    signal_encoder_setup,
    signal_payloader_setup,
    signals_count
};
guint signals[signals_count];

struct ViaductSink {
    GstBin parent;
    Sink* sink;
};
struct ViaductSinkClass {
    GstBinClass parent;
};

}  // namespace

G_DEFINE_TYPE(ViaductSink, viaduct_sink, GST_TYPE_BIN)

namespace {

ViaductSink* self_of(gpointer object) {
    return static_cast<ViaductSink*>(object);
}

elements::SinkSignals sink_signals() {
    elements::SinkSignals to;
    to.accept_viewer = [](GstElement* element, const char* viewer, const char* node_id) {
        gboolean admitted = TRUE;
        g_signal_emit(element, signals[signal_accept_viewer], 0, viewer, node_id, &admitted);
        return admitted != FALSE;
    };
    to.viewer_added = [](GstElement* element, const char* viewer, const char* node_id) {
        g_signal_emit(element, signals[signal_viewer_added], 0, viewer, node_id);
    };
    to.viewer_removed = [](GstElement* element, const char* viewer, const char* node_id) {
        g_signal_emit(element, signals[signal_viewer_removed], 0, viewer, node_id);
    };
    to.published = [](GstElement* element) {
        g_object_notify(G_OBJECT(element), "node-id");
        g_object_notify(G_OBJECT(element), "uri");
    };
    to.encoder_setup = [](GstElement* element, const char* pad, GstElement* made) {
        g_signal_emit(element, signals[signal_encoder_setup], 0, pad, made);
    };
    to.payloader_setup = [](GstElement* element, const char* pad, GstElement* made) {
        g_signal_emit(element, signals[signal_payloader_setup], 0, pad, made);
    };
    return to;
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    if (id == 0 || id > properties.size()) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    Sink& sink = *self_of(object)->sink;
    GST_OBJECT_LOCK(object);
    elements::set(sink.settings, properties.at(id - 1), value);
    GST_OBJECT_UNLOCK(object);
    if (std::string_view{spec->name} == "bitrate") sink.bitrate_changed();
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    const Sink& sink = *self_of(object)->sink;
    switch (id) {
        case prop_node_id:
            return g_value_set_string(value, sink.node_id().c_str());
        case prop_uri:
            return g_value_set_string(value, sink.uri().c_str());
        case prop_stats:
            return g_value_take_boxed(value, sink.stats());
        default:
            break;
    }
    if (id == 0 || id > properties.size()) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    elements::get(sink.settings, properties.at(id - 1), value);
    GST_OBJECT_UNLOCK(object);
}

GstPad* request_new_pad(GstElement* element, GstPadTemplate* pad_template, const char* name, const GstCaps*) {
    return self_of(element)->sink->request_pad(pad_template, name);
}

void release_pad(GstElement* element, GstPad* pad) {
    self_of(element)->sink->release_pad(pad);
}

/// An application's, or another element's: it comes before the node is made.
void set_context(GstElement* element, GstContext* context) {
    GST_OBJECT_LOCK(element);
    elements::fill_in(self_of(element)->sink->settings.node, context);
    GST_OBJECT_UNLOCK(element);
    GST_ELEMENT_CLASS(viaduct_sink_parent_class)->set_context(element, context);
}

GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
    Sink& sink = *self_of(element)->sink;
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
        gst_element_post_message(element,
                                 gst_message_new_need_context(GST_OBJECT(element), elements::node_context));
        if (!sink.publish()) return GST_STATE_CHANGE_FAILURE;
    }
    const auto result = GST_ELEMENT_CLASS(viaduct_sink_parent_class)->change_state(element, transition);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY ||
        (transition == GST_STATE_CHANGE_READY_TO_PAUSED && result == GST_STATE_CHANGE_FAILURE))
        sink.withdraw();
    if (transition == GST_STATE_CHANGE_READY_TO_NULL) sink.leave();
    return result;
}

/// The bin says so once all of its sinks have ended, and no sooner do viewers hear of it.
gboolean post_message(GstElement* element, GstMessage* message) {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS && GST_MESSAGE_SRC(message) == GST_OBJECT(element))
        self_of(element)->sink->end_of_stream();
    return GST_ELEMENT_CLASS(viaduct_sink_parent_class)->post_message(element, message);
}

void finalize(GObject* object) {
    delete self_of(object)->sink;
    G_OBJECT_CLASS(viaduct_sink_parent_class)->finalize(object);
}

void install_signals(GType type) {
    signals[signal_accept_viewer] = g_signal_new_class_handler(
        "accept-viewer", type, G_SIGNAL_RUN_LAST,
        G_CALLBACK(+[](GstElement*, const char*, const char*) -> gboolean { return TRUE; }),
        [](GSignalInvocationHint*, GValue* all, const GValue* one, gpointer) -> gboolean {
            // One handler's no is enough.
            g_value_set_boolean(all, g_value_get_boolean(one));
            return g_value_get_boolean(one);
        },
        nullptr, nullptr, G_TYPE_BOOLEAN, 2, G_TYPE_STRING, G_TYPE_STRING);
    const auto told = [type](const char* name) {
        return g_signal_new(name, type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr, G_TYPE_NONE, 2,
                            G_TYPE_STRING, G_TYPE_STRING);
    };
    signals[signal_viewer_added] = told("viewer-added");
    signals[signal_viewer_removed] = told("viewer-removed");
    const auto setup = [type](const char* name) {
        return g_signal_new(name, type, G_SIGNAL_RUN_LAST, 0, nullptr, nullptr, nullptr, G_TYPE_NONE, 2,
                            G_TYPE_STRING, GST_TYPE_ELEMENT);
    };
    signals[signal_encoder_setup] = setup("encoder-setup");
    signals[signal_payloader_setup] = setup("payloader-setup");
}

void install_properties(GObjectClass* object) {
    object->set_property = set_property;
    object->get_property = get_property;
    elements::install<SinkSettings>(object, properties);
    const auto flags = static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
    g_object_class_install_property(
        object, prop_node_id,
        g_param_spec_string("node-id", "NodeID", "Of the node that publishes; empty until it does", nullptr,
                            flags));
    g_object_class_install_property(
        object, prop_uri,
        g_param_spec_string("uri", "URI", "Where viaductsrc plays the stream; empty until it is published",
                            nullptr, flags));
    g_object_class_install_property(
        object, prop_stats,
        g_param_spec_boxed("stats", "Statistics",
                           "Packets, what was dropped, the bitrate, and each viewer's share",
                           GST_TYPE_STRUCTURE, flags));
}

void add_pad_template(GstElementClass* element, const char* name, bool video) {
    const auto caps = elements::accepted_caps(video);
    gst_element_class_add_pad_template(element,
                                       gst_pad_template_new(name, GST_PAD_SINK, GST_PAD_REQUEST, caps.get()));
}

}  // namespace

static void viaduct_sink_init(ViaductSink* self) {
    self->sink = new Sink{GST_BIN(self), sink_signals()};
    // Also while it is empty.
    gst_bin_set_suppressed_flags(
        GST_BIN(self), static_cast<GstElementFlags>(GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK));
    GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SINK);
}

static void viaduct_sink_class_init(ViaductSinkClass* self) {
    auto* object = G_OBJECT_CLASS(self);
    object->finalize = finalize;
    install_properties(object);
    install_signals(G_TYPE_FROM_CLASS(self));
    auto* element = GST_ELEMENT_CLASS(self);
    element->request_new_pad = request_new_pad;
    element->release_pad = release_pad;
    element->change_state = change_state;
    element->set_context = set_context;
    element->post_message = post_message;
    add_pad_template(element, "video_%u", true);
    add_pad_template(element, "audio_%u", false);
    gst_element_class_set_static_metadata(element, "Viaduct sink", "Sink/Network/WebRTC",
                                          "Publishes a stream in a federation: raw media is encoded once for "
                                          "all viewers, encoded media and RTP are "
                                          "passed on",
                                          "The authors of Viaduct");
}

bool elements::register_elements(GstPlugin* plugin) {
    gst::init();
    return gst_element_register(plugin, "viaductsink", GST_RANK_NONE, viaduct_sink_get_type()) &&
           gst_element_register(plugin, "viaductsrc", GST_RANK_PRIMARY, viaduct_src_get_type());
}
