// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/control_message.h"

#include "tests/check.h"

using Bytes = std::vector<std::uint8_t>;

START_TEST(messages_look_as_documented) {
    ck_assert((encode(gst::Ping{0x0102030405060708}) == Bytes{1, 1, 2, 3, 4, 5, 6, 7, 8}));
    ck_assert((encode(gst::Pong{0xffffffffffffffff}) == Bytes{2, 255, 255, 255, 255, 255, 255, 255, 255}));
    ck_assert((encode(gst::Close{}) == Bytes{3}));
    ck_assert((encode(gst::Bandwidth{0x01020304}) == Bytes{5, 1, 2, 3, 4}));
    ck_assert((encode(gst::Resend{0x01020304, {0xfffe, 0xffff, 14, 15, 16}}) ==
               Bytes{4, 1, 2, 3, 4, 0xff, 0xfe, 0x80, 0x01, 0, 15, 0, 1}));
}
END_TEST

START_TEST(what_is_encoded_is_decoded) {
    const auto ping = gst::decode_control(encode(gst::Ping{1u << 31}));
    ck_assert(ping && std::get<gst::Ping>(*ping).stamp == 1u << 31);
    const auto pong = gst::decode_control(encode(gst::Pong{12345}));
    ck_assert(pong && std::get<gst::Pong>(*pong).stamp == 12345);
    const auto close = gst::decode_control(encode(gst::Close{}));
    ck_assert(close && std::holds_alternative<gst::Close>(*close));
    const auto bandwidth = gst::decode_control(encode(gst::Bandwidth{UINT32_MAX}));
    ck_assert(bandwidth && std::get<gst::Bandwidth>(*bandwidth).bits_per_second == UINT32_MAX);
    const std::vector<std::uint16_t> wanted{1, 2, 17, 18, 40'000};
    const auto resend = gst::decode_control(encode(gst::Resend{7, wanted}));
    ck_assert(resend && std::get<gst::Resend>(*resend).lane == 7 &&
              std::get<gst::Resend>(*resend).sequences == wanted);
}
END_TEST

START_TEST(a_request_is_bounded) {
    std::vector<std::uint16_t> many;
    for (std::uint16_t i = 0; i < 2000; ++i) many.push_back(static_cast<std::uint16_t>(i * 20));
    const auto body = encode(gst::Resend{7, many});
    ck_assert_uint_eq(body.size(), 5 + 4 * gst::resend_pairs_max);
    const auto resend = gst::decode_control(Bytes(1400, 4));
    ck_assert(resend && std::get<gst::Resend>(*resend).sequences.size() <= 17 * gst::resend_pairs_max);
}
END_TEST

START_TEST(unknown_and_short_messages_are_ignored) {
    ck_assert(!gst::decode_control({}));
    for (unsigned type = 0; type < 256; ++type)
        if (type < 1 || type > 5) ck_assert(!gst::decode_control(Bytes(20, static_cast<std::uint8_t>(type))));
    for (std::size_t size = 1; size < 9; ++size)
        for (const std::uint8_t type : {1, 2, 4}) ck_assert(!gst::decode_control(Bytes(size, type)));
    ck_assert(!gst::decode_control(Bytes(4, 5)));
}
END_TEST

START_TEST(newer_peers_may_say_more) {
    auto longer = encode(gst::Ping{7});
    longer.push_back(99);
    const auto ping = gst::decode_control(longer);
    ck_assert(ping && std::get<gst::Ping>(*ping).stamp == 7);
}
END_TEST

int main() {
    return run_suite("control message",
                     {messages_look_as_documented, what_is_encoded_is_decoded, a_request_is_bounded,
                      unknown_and_short_messages_are_ignored, newer_peers_may_say_more});
}
