// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/lane_header.h"

#include <vector>

#include "tests/check.h"

using gst::LaneHeader;
using gst::PacketKind;

namespace {

std::vector<std::uint8_t> bytes(const LaneHeader& header) {
    const auto encoded = encode(header);
    std::vector<std::uint8_t> out{encoded.begin(), encoded.end()};
    out.push_back(42);
    return out;
}

}  // namespace

START_TEST(a_header_looks_as_documented) {
    const auto encoded = gst::encode({PacketKind::rtcp, 3, 0x1234, 0x89abcdef});
    const std::array<std::uint8_t, 8> expected{0x12, 3, 0x12, 0x34, 0x89, 0xab, 0xcd, 0xef};
    ck_assert(encoded == expected);
}
END_TEST

START_TEST(what_is_encoded_is_decoded) {
    for (const LaneHeader& header :
         {LaneHeader{PacketKind::rtp, 255, 0xffff, 0xffffffff}, LaneHeader{PacketKind::rtcp, 0, 0, 1},
          LaneHeader{PacketKind::data, 0, 5, 2}, LaneHeader{PacketKind::data_ack, 0, 0, 2},
          LaneHeader{PacketKind::control, 0, 7, 0}}) {
        const auto encoded = bytes(header);
        const auto packet = gst::decode_lane_packet(encoded);
        ck_assert(packet.has_value());
        ck_assert(packet->header == header);
        ck_assert_uint_eq(packet->body.size(), 1);
        ck_assert_uint_eq(packet->body[0], 42);
    }
}
END_TEST

START_TEST(hostile_headers_are_refused) {
    const auto good = bytes({PacketKind::rtp, 0, 0, 1});
    for (std::size_t size = 0; size <= gst::lane_header_bytes; ++size)
        ck_assert(!gst::decode_lane_packet({good.data(), size}));  // too short, or an empty body
    for (unsigned first = 0; first < 256; ++first) {
        auto packet = good;
        packet[0] = static_cast<std::uint8_t>(first);
        const bool known = first >= 0x11 && first <= 0x14;
        ck_assert(gst::decode_lane_packet(packet).has_value() == known);
    }
    for (const auto kind : {PacketKind::rtp, PacketKind::data, PacketKind::data_ack})
        ck_assert(!gst::decode_lane_packet(bytes({kind, 0, 0, 0})));
    ck_assert(!gst::decode_lane_packet(bytes({PacketKind::control, 0, 0, 1})));
}
END_TEST

int main() {
    return run_suite("lane header",
                     {a_header_looks_as_documented, what_is_encoded_is_decoded, hostile_headers_are_refused});
}
