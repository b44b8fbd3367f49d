// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/tap.h"

#include <atomic>
#include <mutex>

#include "gst/init.h"

namespace gst {

namespace {

constexpr int receive_buffer_bytes = 4'000'000;
constexpr int ice_pacing_ms = 1;
constexpr std::size_t rtp_header_bytes = 12;

bool has_property(gpointer object, const char* name) {
    return object && g_object_class_find_property(G_OBJECT_GET_CLASS(object), name);
}

bool is_made_by(GstElement* element, const char* factory) {
    GstElementFactory* made_by = gst_element_get_factory(element);
    return made_by && g_str_equal(GST_OBJECT_NAME(made_by), factory);
}

/// The outer payload. Nothing if the buffer is no RTP packet of the shape that an Outlet sends, plus
/// extensions and padding that a relay in between may have added.
std::span<const std::uint8_t> payload_of(std::span<const std::uint8_t> packet) {
    if (packet.size() < rtp_header_bytes || packet[0] >> 6 != 2) return {};
    std::size_t begin = rtp_header_bytes + 4u * (packet[0] & 0x0f);
    if (packet[0] & 0x10) {
        if (packet.size() < begin + 4) return {};
        begin += 4 + 4u * (packet[begin + 2] << 8 | packet[begin + 3]);
    }
    const std::size_t padding = packet[0] & 0x20 ? packet.back() : 0;
    if (packet.size() < begin + padding) return {};
    return packet.subspan(begin, packet.size() - begin - padding);
}

/// Of a packet that has a payload.
OuterPacket outer_of(std::span<const std::uint8_t> packet) {
    return {.sequence = static_cast<std::uint16_t>(packet[2] << 8 | packet[3]),
            .timestamp = static_cast<std::uint32_t>(packet[4]) << 24 |
                         static_cast<std::uint32_t>(packet[5]) << 16 |
                         static_cast<std::uint32_t>(packet[6]) << 8 | packet[7],
            .bytes = packet.size() + outer_overhead_bytes};
}

void deliver(GstBuffer* buffer, PacketSink& sink) {
    GstMapInfo map;
    if (!gst_buffer_map(buffer, &map, GST_MAP_READ)) return;
    const std::span<const std::uint8_t> packet{map.data, map.size};
    const auto payload = payload_of(packet);
    if (!payload.empty()) sink.received(payload, outer_of(packet));
    gst_buffer_unmap(buffer, &map);
}

gboolean deliver_one(GstBuffer** buffer, guint, gpointer sink) {
    deliver(*buffer, *static_cast<PacketSink*>(sink));
    return TRUE;
}

GstPadProbeReturn take_packets(GstPad*, GstPadProbeInfo* info, gpointer data) {
    PacketSink& sink = **static_cast<std::shared_ptr<PacketSink>*>(data);
    if (GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST)
        gst_buffer_list_foreach(GST_PAD_PROBE_INFO_BUFFER_LIST(info), deliver_one, &sink);
    else
        deliver(GST_PAD_PROBE_INFO_BUFFER(info), sink);
    return GST_PAD_PROBE_DROP;
}

// A sender report would make rtpssrcdemux create the jitter buffer that the tap avoids.
GstPadProbeReturn drop_packets(GstPad*, GstPadProbeInfo*, gpointer) {
    return GST_PAD_PROBE_DROP;
}

constexpr auto buffers =
    static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);

template <class T>
void delete_data(gpointer data) {
    delete static_cast<T*>(data);
}

template <class T>
void delete_closure(gpointer data, GClosure*) {
    delete static_cast<T*>(data);
}

/// Packets and RTCP that pass these pads of an element go no further.
bool probe_pads(GstElement* element, const char* rtp_name, const char* rtcp_name,
                const std::shared_ptr<PacketSink>& sink) {
    const auto rtp = glib::take_ref(gst_element_get_static_pad(element, rtp_name));
    const auto rtcp = glib::take_ref(gst_element_get_static_pad(element, rtcp_name));
    if (!rtp || !rtcp) return false;
    gst_pad_add_probe(rtp.get(), buffers, take_packets, new std::shared_ptr{sink},
                      delete_data<std::shared_ptr<PacketSink>>);
    gst_pad_add_probe(rtcp.get(), buffers, drop_packets, nullptr, nullptr);
    return true;
}

/// A queue that packets need not stand in once `open`.
struct Bypass {
    std::shared_ptr<std::atomic<bool>> open;
    Ref<GstPad> out;
};

GstPadProbeReturn pass_by(GstPad*, GstPadProbeInfo* info, gpointer data) {
    const auto& bypass = *static_cast<const Bypass*>(data);
    if (!*bypass.open) return GST_PAD_PROBE_OK;
    auto* buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    GST_PAD_PROBE_INFO_DATA(info) = nullptr;  // it is ours now
    GST_PAD_PROBE_INFO_FLOW_RETURN(info) = gst_pad_push(bypass.out.get(), buffer);
    return GST_PAD_PROBE_HANDLED;
}

void bypass_queue(GstElement* queue, const std::shared_ptr<std::atomic<bool>>& open) {
    const auto in = glib::take_ref(gst_element_get_static_pad(queue, "sink"));
    auto out = glib::take_ref(gst_element_get_static_pad(queue, "src"));
    if (!in || !out) return;
    gst_pad_add_probe(in.get(), GST_PAD_PROBE_TYPE_BUFFER, pass_by, new Bypass{open, std::move(out)},
                      delete_data<Bypass>);
}

GstFlowReturn chain(GstPad* pad, GstObject*, GstBuffer* buffer) {
    const Ptr<GstBuffer> owned{buffer};
    deliver(buffer, **static_cast<std::shared_ptr<PacketSink>*>(gst_pad_get_element_private(pad)));
    return GST_FLOW_OK;
}

}  // namespace

struct Tap::State {
    std::shared_ptr<PacketSink> sink;
    bool tapped = false;
    std::mutex mutex;
    std::vector<Ref<GstPad>> pads;  ///< ours, behind those of webrtcbin
    Ref<GstElement> encryption;
    const std::shared_ptr<std::atomic<bool>> connected = std::make_shared<std::atomic<bool>>(false);

    void added(GstBin* to, GstElement* element) {
        if (!tapped) return;
        if (is_made_by(element, "srtpdec") && !probe_pads(element, "rtp_src", "rtcp_src", sink))
            GST_WARNING("srtpdec has other pads than expected: packets pass the RTP session");
        if (is_made_by(element, "rtpssrcdemux") && !probe_pads(element, "sink", "rtcp_sink", sink))
            GST_WARNING("rtpssrcdemux has other pads than expected: packets pass the jitter buffer");
        if (is_made_by(element, "queue") && g_str_equal(G_OBJECT_TYPE_NAME(to), "TransportReceiveBin"))
            bypass_queue(element, connected);
        if (is_made_by(element, "srtpenc")) {
            const std::lock_guard lock{mutex};
            encryption = glib::take_ref(GST_ELEMENT(gst_object_ref(element)));
        }
        // Otherwise the first packet of a source is kept until the second has come.
        if (is_made_by(element, "rtpsession") && has_property(element, "probation"))
            g_object_set(element, "probation", 0, nullptr);
    }

    void shown(GstPad* pad) {
        if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC) return;
        Ref<GstPad> ours = take_floating(gst_pad_new(nullptr, GST_PAD_SINK));
        gst_pad_set_element_private(ours.get(), &sink);
        gst_pad_set_chain_function(ours.get(), chain);
        gst_pad_set_active(ours.get(), TRUE);
        if (gst_pad_link_full(pad, ours.get(), GST_PAD_LINK_CHECK_NOTHING) != GST_PAD_LINK_OK) return;
        const std::lock_guard lock{mutex};
        pads.push_back(std::move(ours));
    }
};

bool tap_works() {
    static const bool works = [] {
        const auto demux = take_floating(gst_element_factory_make("rtpssrcdemux", nullptr));
        const auto rtp = glib::take_ref(demux ? gst_element_get_static_pad(demux.get(), "sink") : nullptr);
        const auto rtcp =
            glib::take_ref(demux ? gst_element_get_static_pad(demux.get(), "rtcp_sink") : nullptr);
        if (!rtp || !rtcp)
            GST_WARNING("this GStreamer's rtpssrcdemux is unknown: packets pass the jitter buffer");
        return rtp && rtcp;
    }();
    return works;
}

Tap::Tap(GstElement* pipeline, GstElement* webrtcbin, std::shared_ptr<PacketSink> sink, bool tapped)
    : state_(std::make_shared<State>()) {
    using Kept = std::shared_ptr<State>;
    state_->sink = std::move(sink);
    state_->tapped = tapped && tap_works();
    const auto on_added = +[](GstBin*, GstBin* to, GstElement* element, gpointer data) {
        (*static_cast<Kept*>(data))->added(to, element);
    };
    const auto on_shown =
        +[](GstElement*, GstPad* pad, gpointer data) { (*static_cast<Kept*>(data))->shown(pad); };
    added_ = {pipeline, g_signal_connect_data(pipeline, "deep-element-added", G_CALLBACK(on_added),
                                              new Kept{state_}, delete_closure<Kept>, G_CONNECT_DEFAULT)};
    shown_ = {webrtcbin, g_signal_connect_data(webrtcbin, "pad-added", G_CALLBACK(on_shown), new Kept{state_},
                                               delete_closure<Kept>, G_CONNECT_DEFAULT)};
}

Tap::~Tap() {
    const std::lock_guard lock{state_->mutex};
    for (const auto& pad : state_->pads) gst_pad_set_active(pad.get(), FALSE);
}

void Tap::connected() {
    *state_->connected = true;
}

Ref<GstPad> Tap::way_out() const {
    const std::lock_guard lock{state_->mutex};
    return state_->encryption
               ? glib::take_ref(gst_element_get_static_pad(state_->encryption.get(), "rtp_sink_0"))
               : nullptr;
}

void tune_ice(GstElement* webrtcbin, const std::vector<std::string>& addresses) {
    const auto ice = object_property<GObject>(webrtcbin, "ice-agent");
    if (has_property(ice.get(), "ice-tcp")) g_object_set(ice.get(), "ice-tcp", FALSE, nullptr);
    const auto agent = object_property<GObject>(ice.get(), "agent");  // libnice's
    if (has_property(agent.get(), "upnp")) g_object_set(agent.get(), "upnp", FALSE, nullptr);
    if (has_property(agent.get(), "stun-pacing-timer"))
        g_object_set(agent.get(), "stun-pacing-timer", ice_pacing_ms, nullptr);
    else
        GST_WARNING("this webrtcbin hides its ICE agent: trunks take longer to come up");

    if (!ice || !g_signal_lookup("add-local-ip-address", G_OBJECT_TYPE(ice.get()))) return;
    for (const auto& address : addresses) {
        gboolean added = FALSE;
        g_signal_emit_by_name(ice.get(), "add-local-ip-address", address.c_str(), &added);
        if (!added) GST_WARNING("%s is no address for ICE", address.c_str());
    }
}

void enlarge_receive_buffer(GstWebRTCRTPTransceiver* transceiver) {
    const auto receiver = object_property<GObject>(transceiver, "receiver");
    const auto dtls = object_property<GObject>(receiver.get(), "transport");
    const auto ice = object_property<GObject>(dtls.get(), "transport");
    if (has_property(ice.get(), "receive-buffer-size"))
        g_object_set(ice.get(), "receive-buffer-size", receive_buffer_bytes, nullptr);
}

}  // namespace gst
