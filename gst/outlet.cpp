// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/outlet.h"

#include <algorithm>
#include <array>

namespace gst {

namespace {

constexpr std::size_t rtp_header_bytes = 12;

// Nobody is behind the pad who could answer for it. Without an answer webrtcbin's latency query fails.
gboolean answer_query(GstPad* pad, GstObject* parent, GstQuery* query) {
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return gst_pad_query_default(pad, parent, query);
    gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
    return TRUE;
}

// Keyframe requests, QoS and reconfigure events come up here. Lanes have their own ways.
gboolean swallow_event(GstPad*, GstObject*, GstEvent* event) {
    gst_event_unref(event);
    return TRUE;
}

std::array<std::uint8_t, rtp_header_bytes> rtp_header(OuterStream stream, std::uint16_t sequence,
                                                      std::uint32_t timestamp) {
    const auto octet = [](std::uint32_t number, int shift) {
        return static_cast<std::uint8_t>(number >> shift);
    };
    return {0x80,
            stream.payload_type,
            octet(sequence, 8),
            octet(sequence, 0),
            octet(timestamp, 24),
            octet(timestamp, 16),
            octet(timestamp, 8),
            octet(timestamp, 0),
            octet(stream.ssrc, 24),
            octet(stream.ssrc, 16),
            octet(stream.ssrc, 8),
            octet(stream.ssrc, 0)};
}

}  // namespace

Outlet::Outlet(GstElement* pipeline, GstPad* sink, OuterStream stream, GstCaps* caps)
    : pad_(take_floating(gst_pad_new("src", GST_PAD_SRC))),
      clock_(gst_pipeline_get_clock(GST_PIPELINE(pipeline))),
      base_time_(gst_element_get_base_time(pipeline)),
      stream_(stream) {
    gst_pad_set_query_function(pad_.get(), answer_query);
    gst_pad_set_event_function(pad_.get(), swallow_event);
    gst_pad_link_full(pad_.get(), sink, GST_PAD_LINK_CHECK_NOTHING);  // our pad has no parent to check
    gst_pad_set_active(pad_.get(), TRUE);
    start(caps);
}

Outlet::~Outlet() {
    gst_pad_set_active(pad_.get(), FALSE);
}

void Outlet::start(GstCaps* caps) {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    gst_pad_push_event(pad_.get(), gst_event_new_stream_start("viaduct"));
    gst_pad_push_event(pad_.get(), gst_event_new_caps(caps));
    gst_pad_push_event(pad_.get(), gst_event_new_segment(&segment));
}

bool Outlet::push(const LaneHeader& header, std::span<const std::uint8_t> packet) {
    const auto lane_header = encode(header);
    GstBuffer* buffer =
        gst_buffer_new_allocate(nullptr, rtp_header_bytes + lane_header_bytes + packet.size(), nullptr);
    GstMapInfo map;
    if (!buffer || !gst_buffer_map(buffer, &map, GST_MAP_WRITE)) return false;
    auto* const after_outer = std::copy(lane_header.begin(), lane_header.end(), map.data + rtp_header_bytes);
    std::copy(packet.begin(), packet.end(), after_outer);

    const std::lock_guard lock{mutex_};
    const GstClockTime time = gst_clock_get_time(clock_.get());
    const GstClockTime running = time > base_time_ ? time - base_time_ : 0;
    const auto timestamp =
        static_cast<std::uint32_t>(gst_util_uint64_scale_int(running, outer_clock_rate, GST_SECOND));
    const auto outer = rtp_header(stream_, sequence_++, timestamp);
    std::copy(outer.begin(), outer.end(), map.data);
    gst_buffer_unmap(buffer, &map);
    GST_BUFFER_PTS(buffer) = running;
    if (shut_) {
        gst_buffer_unref(buffer);
        return false;
    }
    return (is_short() ? gst_pad_chain(shortcut_.get(), buffer) : gst_pad_push(pad_.get(), buffer)) ==
           GST_FLOW_OK;
}

/// Whether the first packets have made the way: an element that has no segment yet refuses buffers.
bool Outlet::is_short() {
    if (short_ || !shortcut_) return short_;
    const bool has_caps = gst_pad_has_current_caps(shortcut_.get()) != FALSE;
    GstEvent* segment = gst_pad_get_sticky_event(shortcut_.get(), GST_EVENT_SEGMENT, 0);
    short_ = has_caps && segment;
    if (segment) gst_event_unref(segment);
    return short_;
}

}  // namespace gst
