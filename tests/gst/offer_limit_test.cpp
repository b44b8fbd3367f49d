// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/offer_limit.h"

#include "tests/check.h"

namespace {

constexpr dht::Time start{std::chrono::hours{1}};

dht::NodeId node(std::uint8_t first) {
    dht::NodeId id;
    id.octets[0] = first;
    return id;
}

}  // namespace

START_TEST(eight_at_once_then_one_per_second) {
    gst::OfferLimit limit;
    for (int i = 0; i < 8; ++i) ck_assert(limit.take(node(1), start));
    ck_assert(!limit.take(node(1), start));
    ck_assert(!limit.take(node(1), start + std::chrono::milliseconds{900}));
    ck_assert(limit.take(node(1), start + std::chrono::seconds{1}));
    ck_assert(!limit.take(node(1), start + std::chrono::seconds{1}));
    for (int i = 0; i < 8; ++i) ck_assert(limit.take(node(1), start + std::chrono::seconds{60}));
}
END_TEST

START_TEST(peers_do_not_use_up_each_others_offers) {
    gst::OfferLimit limit;
    for (int i = 0; i < 9; ++i) limit.take(node(1), start);
    ck_assert(limit.take(node(2), start));
}
END_TEST

int main() {
    return run_suite("offer limit",
                     {eight_at_once_then_one_per_second, peers_do_not_use_up_each_others_offers});
}
