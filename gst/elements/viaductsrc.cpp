// SPDX-License-Identifier: LGPL-2.1-or-later
// The GObject around elements::Source.
#include <array>

#include "gst/elements/elements.h"
#include "gst/elements/property.h"
#include "gst/elements/source.h"
#include "gst/feed_uri.h"

using elements::NodeSettings;
using elements::Source;
using elements::SourceSettings;

namespace {

constexpr std::uint64_t bits_max = 1'000'000'000;
constexpr unsigned day = 86'400;

using P = elements::Property<SourceSettings>;
const std::array properties = {
    P{"uri", "URI",
      "viaduct://<NodeID>/<stream>, viaduct:stream/<name>, viaduct://<NodeID>/<room>/<participant> or "
      "viaduct:room/<room>[/<participant>]; behind it may stand ?bootstrap=ADDRESS:PORT&federation=NAME",
      &SourceSettings::uri},
    P{"bootstrap", "Bootstrap", elements::bootstrap_text, &NodeSettings::bootstrap},
    P{"federation", "Federation", elements::federation_text, &NodeSettings::federation},
    P{"identity-file", "Identity file", elements::identity_text, &NodeSettings::identity_file},
    P{"certificate-file", "Certificate file", elements::certificate_text, &NodeSettings::certificate_file},
    P{"listen-address", "Listen address", elements::listen_text, &NodeSettings::listen_address},
    P{"rtp", "RTP", "Whether pads show RTP packets; otherwise the encoded streams that are in them",
      &SourceSettings::rtp},
    P{"latency", "Latency", "Of the jitter buffer, in milliseconds: how long a lost packet is waited for",
      &SourceSettings::latency, 10'000},
    P{"timeout", "Timeout", "Seconds in which the stream must be found, else there is an error",
      &SourceSettings::timeout, day},
    P{"reconnect-timeout", "Reconnect timeout",
      "Seconds in which a stream that went away must be back, else there is an error",
      &SourceSettings::reconnect_timeout, day},
    P{"max-bitrate", "Most bitrate",
      "What the publisher is told that arrives here (REMB), in bit/s; 0: nothing",
      &SourceSettings::max_bitrate, bits_max},
};
enum { prop_stats = 100 };

struct ViaductSrc {
    GstBin parent;
    Source* source;
};
struct ViaductSrcClass {
    GstBinClass parent;
};

ViaductSrc* self_of(gpointer object) {
    return static_cast<ViaductSrc*>(object);
}

void init_uri_handler(gpointer interface, gpointer) {
    auto* handler = static_cast<GstURIHandlerInterface*>(interface);
    handler->get_type = [](GType) { return GST_URI_SRC; };
    handler->get_protocols = [](GType) -> const gchar* const* {
        static const gchar* const protocols[] = {gst::uri_scheme, nullptr};
        return protocols;
    };
    handler->get_uri = [](GstURIHandler* element) {
        GST_OBJECT_LOCK(element);
        char* uri = g_strdup(self_of(element)->source->settings.uri.c_str());
        GST_OBJECT_UNLOCK(element);
        return uri;
    };
    handler->set_uri = [](GstURIHandler* element, const char* uri, GError** error) -> gboolean {
        const auto feed = gst::FeedUri::parse(uri);
        if (!feed) {
            g_set_error(error, GST_URI_ERROR, GST_URI_ERROR_BAD_URI, "\"%s\": %s", uri,
                        feed.error().what.c_str());
            return FALSE;
        }
        if (GST_STATE(element) > GST_STATE_READY) {
            g_set_error(error, GST_URI_ERROR, GST_URI_ERROR_BAD_STATE, "the URI is set before it is played");
            return FALSE;
        }
        GST_OBJECT_LOCK(element);
        self_of(element)->source->settings.uri = uri;
        GST_OBJECT_UNLOCK(element);
        return TRUE;
    };
}

}  // namespace

G_DEFINE_TYPE_WITH_CODE(ViaductSrc, viaduct_src, GST_TYPE_BIN,
                        G_IMPLEMENT_INTERFACE(GST_TYPE_URI_HANDLER, init_uri_handler))

namespace {

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* spec) {
    if (id == 0 || id > properties.size()) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    elements::set(self_of(object)->source->settings, properties.at(id - 1), value);
    GST_OBJECT_UNLOCK(object);
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* spec) {
    if (id == prop_stats) return g_value_take_boxed(value, self_of(object)->source->stats());
    if (id == 0 || id > properties.size()) {
        G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, spec);
        return;
    }
    GST_OBJECT_LOCK(object);
    elements::get(self_of(object)->source->settings, properties.at(id - 1), value);
    GST_OBJECT_UNLOCK(object);
}

void set_context(GstElement* element, GstContext* context) {
    GST_OBJECT_LOCK(element);
    elements::fill_in(self_of(element)->source->settings.node, context);
    GST_OBJECT_UNLOCK(element);
    GST_ELEMENT_CLASS(viaduct_src_parent_class)->set_context(element, context);
}

/// Live, also while there is nothing in it yet.
GstStateChangeReturn change_state(GstElement* element, GstStateChange transition) {
    Source& source = *self_of(element)->source;
    if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
        gst_element_post_message(element,
                                 gst_message_new_need_context(GST_OBJECT(element), elements::node_context));
        if (!source.start()) return GST_STATE_CHANGE_FAILURE;
    }
    auto result = GST_ELEMENT_CLASS(viaduct_src_parent_class)->change_state(element, transition);
    if (transition == GST_STATE_CHANGE_PAUSED_TO_READY ||
        (transition == GST_STATE_CHANGE_READY_TO_PAUSED && result == GST_STATE_CHANGE_FAILURE))
        source.stop();
    if (transition == GST_STATE_CHANGE_READY_TO_NULL) source.leave();
    const bool to_paused =
        transition == GST_STATE_CHANGE_READY_TO_PAUSED || transition == GST_STATE_CHANGE_PLAYING_TO_PAUSED;
    if (to_paused && result != GST_STATE_CHANGE_FAILURE) result = GST_STATE_CHANGE_NO_PREROLL;
    return result;
}

void finalize(GObject* object) {
    delete self_of(object)->source;
    G_OBJECT_CLASS(viaduct_src_parent_class)->finalize(object);
}

GstStaticPadTemplate video_template = GST_STATIC_PAD_TEMPLATE(
    "video_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS("video/x-h264; video/x-h265; video/x-vp8; video/x-vp9; video/x-av1; "
                    "application/x-rtp, media=(string)video"));
GstStaticPadTemplate audio_template =
    GST_STATIC_PAD_TEMPLATE("audio_%u", GST_PAD_SRC, GST_PAD_SOMETIMES,
                            GST_STATIC_CAPS("audio/x-opus; audio/x-mulaw; audio/x-alaw; audio/G722; "
                                            "application/x-rtp, media=(string)audio"));

}  // namespace

static void viaduct_src_init(ViaductSrc* self) {
    self->source = new Source{GST_BIN(self)};
    gst_bin_set_suppressed_flags(
        GST_BIN(self), static_cast<GstElementFlags>(GST_ELEMENT_FLAG_SOURCE | GST_ELEMENT_FLAG_SINK));
    GST_OBJECT_FLAG_SET(self, GST_ELEMENT_FLAG_SOURCE);
}

static void viaduct_src_class_init(ViaductSrcClass* self) {
    auto* object = G_OBJECT_CLASS(self);
    object->finalize = finalize;
    object->set_property = set_property;
    object->get_property = get_property;
    elements::install<SourceSettings>(object, properties);
    g_object_class_install_property(
        object, prop_stats,
        g_param_spec_boxed("stats", "Statistics", "Who publishes, packets that came, were lost and repaired",
                           GST_TYPE_STRUCTURE,
                           static_cast<GParamFlags>(G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)));
    auto* element = GST_ELEMENT_CLASS(self);
    element->change_state = change_state;
    element->set_context = set_context;
    gst_element_class_add_static_pad_template(element, &video_template);
    gst_element_class_add_static_pad_template(element, &audio_template);
    gst_element_class_set_static_metadata(
        element, "Viaduct source", "Source/Network/WebRTC",
        "Plays a stream of a federation by its NodeID and name, and goes on when the publisher comes back",
        "The authors of Viaduct");
}
