// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/rtcp.h"

#include <gst/rtp/rtp.h>

#include <array>
#include <bit>
#include <cstring>

#include "gst/ptr.h"

namespace elements {

namespace {

/// Of what we write: a compound of two packets with a CNAME.
constexpr guint rtcp_bytes_max = 512;
/// Of what is read. Lanes carry no more.
constexpr std::size_t read_bytes_max = 1500;

constexpr std::array<std::uint8_t, 4> remb_name = {'R', 'E', 'M', 'B'};

std::uint32_t word_at(const std::uint8_t* octets) {
    return std::uint32_t{octets[0]} << 24U | std::uint32_t{octets[1]} << 16U |
           std::uint32_t{octets[2]} << 8U | octets[3];
}

/// The FCI of application layer feedback: name, count, 6 bits of exponent, 18 of mantissa.
std::optional<std::uint64_t> read_remb(GstRTCPPacket& packet) {
    const std::uint8_t* fci = gst_rtcp_packet_fb_get_fci(&packet);
    if (gst_rtcp_packet_fb_get_fci_length(&packet) < 2) return std::nullopt;  // in words
    if (std::memcmp(fci, remb_name.data(), remb_name.size()) != 0) return std::nullopt;
    const std::uint32_t word = word_at(fci + 4);
    const unsigned exponent = word >> 18U & 0x3fU;
    const std::uint64_t mantissa = word & 0x3ffffU;
    // 18 bits and an exponent up to 63: what no wire carries is no number.
    if (exponent > 40) return std::nullopt;
    return mantissa << exponent;
}

void read_packet(GstRTCPPacket& packet, Feedback& feedback) {
    if (gst_rtcp_packet_get_type(&packet) != GST_RTCP_TYPE_PSFB) return;
    switch (gst_rtcp_packet_fb_get_type(&packet)) {
        case GST_RTCP_PSFB_TYPE_PLI:
        case GST_RTCP_PSFB_TYPE_FIR:
            feedback.keyframe = true;
            break;
        case GST_RTCP_PSFB_TYPE_AFB:
            if (const auto bitrate = read_remb(packet)) feedback.bitrate = bitrate;
            break;
        default:
            break;
    }
}

/// Writes a compound packet with GStreamer's own functions.
template <class Write>
std::vector<std::uint8_t> written(const Write& write) {
    const gst::Ptr<GstBuffer> buffer{gst_rtcp_buffer_new(rtcp_bytes_max)};
    GstRTCPBuffer rtcp = GST_RTCP_BUFFER_INIT;
    gst_rtcp_buffer_map(buffer.get(), GST_MAP_READWRITE, &rtcp);
    write(rtcp);
    gst_rtcp_buffer_unmap(&rtcp);  // cuts it to size
    std::vector<std::uint8_t> octets(gst_buffer_get_size(buffer.get()));
    gst_buffer_extract(buffer.get(), 0, octets.data(), octets.size());
    return octets;
}

void add_empty_report(GstRTCPBuffer& rtcp, std::uint32_t ssrc) {
    GstRTCPPacket packet;
    gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_RR, &packet);
    gst_rtcp_packet_rr_set_ssrc(&packet, ssrc);
}

}  // namespace

Feedback read_feedback(std::span<const std::uint8_t> rtcp) {
    Feedback feedback;
    if (rtcp.size() > read_bytes_max) return feedback;
    std::array<std::uint8_t, read_bytes_max> octets{};
    std::memcpy(octets.data(), rtcp.data(), rtcp.size());
    const gst::Ptr<GstBuffer> buffer{gst_buffer_new_wrapped_full(
        GST_MEMORY_FLAG_READONLY, octets.data(), octets.size(), 0, rtcp.size(), nullptr, nullptr)};
    // Reduced size (RFC 5506): browsers send a PLI alone.
    if (!gst_rtcp_buffer_validate_reduced(buffer.get())) return feedback;
    GstRTCPBuffer mapped = GST_RTCP_BUFFER_INIT;
    if (!gst_rtcp_buffer_map(buffer.get(), GST_MAP_READ, &mapped)) return feedback;
    GstRTCPPacket packet;
    for (gboolean more = gst_rtcp_buffer_get_first_packet(&mapped, &packet); more;
         more = gst_rtcp_packet_move_to_next(&packet))
        read_packet(packet, feedback);
    gst_rtcp_buffer_unmap(&mapped);
    return feedback;
}

std::vector<std::uint8_t> keyframe_request(std::uint32_t viewer, std::uint32_t media) {
    return written([&](GstRTCPBuffer& rtcp) {
        add_empty_report(rtcp, viewer);
        GstRTCPPacket packet;
        gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_PSFB, &packet);
        gst_rtcp_packet_fb_set_type(&packet, GST_RTCP_PSFB_TYPE_PLI);
        gst_rtcp_packet_fb_set_sender_ssrc(&packet, viewer);
        gst_rtcp_packet_fb_set_media_ssrc(&packet, media);
    });
}

std::vector<std::uint8_t> bitrate_report(std::uint32_t viewer, std::uint32_t media, std::uint64_t bits) {
    const int width = std::bit_width(bits);
    const unsigned exponent = width > 18 ? static_cast<unsigned>(width) - 18 : 0;
    const auto value = static_cast<std::uint32_t>(exponent << 18U | bits >> exponent);
    return written([&](GstRTCPBuffer& rtcp) {
        add_empty_report(rtcp, viewer);
        GstRTCPPacket packet;
        gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_PSFB, &packet);
        gst_rtcp_packet_fb_set_type(&packet, GST_RTCP_PSFB_TYPE_AFB);
        gst_rtcp_packet_fb_set_sender_ssrc(&packet, viewer);
        gst_rtcp_packet_fb_set_media_ssrc(&packet, 0);
        gst_rtcp_packet_fb_set_fci_length(&packet, 3);
        std::uint8_t* fci = gst_rtcp_packet_fb_get_fci(&packet);
        std::memcpy(fci, remb_name.data(), remb_name.size());
        GST_WRITE_UINT32_BE(fci + 4, 1U << 24U | value);
        GST_WRITE_UINT32_BE(fci + 8, media);
    });
}

std::vector<std::uint8_t> encode(const SenderReport& report, const std::string& cname) {
    return written([&](GstRTCPBuffer& rtcp) {
        GstRTCPPacket packet;
        gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_SR, &packet);
        gst_rtcp_packet_sr_set_sender_info(&packet, report.ssrc, report.ntp, report.timestamp, report.packets,
                                           report.octets);
        gst_rtcp_buffer_add_packet(&rtcp, GST_RTCP_TYPE_SDES, &packet);
        gst_rtcp_packet_sdes_add_item(&packet, report.ssrc);
        gst_rtcp_packet_sdes_add_entry(&packet, GST_RTCP_SDES_CNAME, static_cast<guint8>(cname.size()),
                                       reinterpret_cast<const guint8*>(cname.data()));
    });
}

std::optional<SenderReport> read_report(std::span<const std::uint8_t> rtcp) {
    constexpr std::size_t report_bytes = 28;
    if (rtcp.size() < report_bytes || rtcp[0] >> 6U != 2 || rtcp[1] != GST_RTCP_TYPE_SR) return std::nullopt;
    const std::uint8_t* words = rtcp.data();
    return SenderReport{word_at(words + 4), std::uint64_t{word_at(words + 8)} << 32U | word_at(words + 12),
                        word_at(words + 16), word_at(words + 20), word_at(words + 24)};
}

}  // namespace elements
