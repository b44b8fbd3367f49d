// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/sent_packets.h"

#include <memory>

#include "tests/check.h"

using gst::PacketKind;
using gst::SentPackets;
using Octets = std::vector<std::uint8_t>;

namespace {

const dht::Time start{std::chrono::hours{1}};

std::unique_ptr<SentPackets> filled(std::uint32_t packets) {
    auto sent = std::make_unique<SentPackets>();
    for (std::uint32_t number = 0; number < packets; ++number)
        sent->keep({PacketKind::rtp, 3, 0, 2}, Octets{static_cast<std::uint8_t>(number), 1}, start);
    return sent;
}

}  // namespace

START_TEST(packets_are_numbered_from_zero) {
    const auto sent = filled(65536);
    ck_assert_uint_eq(sent->keep({PacketKind::rtp, 0, 9, 2}, Octets{1}, start).sequence, 0);
    ck_assert_uint_eq(sent->keep({PacketKind::rtcp, 0, 9, 2}, Octets{1}, start).sequence, 1);
}
END_TEST

START_TEST(a_packet_is_there_again_as_it_was) {
    const auto sent = filled(300);
    SentPackets::Packet packet;
    ck_assert(sent->again(299, start, packet));
    ck_assert((packet.header == gst::LaneHeader{PacketKind::rtp, 3, 299, 2}));
    ck_assert((packet.bytes == Octets{299 & 0xff, 1}));
    ck_assert(sent->again(300 - SentPackets::packets_max, start, packet));
}
END_TEST

START_TEST(what_was_not_kept_is_not_there) {
    SentPackets::Packet packet;
    ck_assert(!filled(0)->again(0, start, packet));
    const auto sent = filled(300);
    ck_assert(!sent->again(300, start, packet));
    ck_assert(!sent->again(299 - SentPackets::packets_max, start, packet));
    ck_assert(!sent->again(65535, start, packet));
}
END_TEST

START_TEST(old_packets_and_endless_questions_are_refused) {
    const auto sent = filled(2);
    SentPackets::Packet packet;
    for (unsigned i = 0; i < SentPackets::repeats_max; ++i) ck_assert(sent->again(0, start, packet));
    ck_assert(!sent->again(0, start, packet));
    ck_assert(!sent->again(1, start + SentPackets::age_max, packet));
}
END_TEST

int main() {
    return run_suite("sent packets",
                     {packets_are_numbered_from_zero, a_packet_is_there_again_as_it_was,
                      what_was_not_kept_is_not_there, old_packets_and_endless_questions_are_refused});
}
