// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/data_outlet.h"

#include "tests/check.h"
#include "tests/plugin/packets.h"

using plugin::DataOutlet;
using tests::Octets;

namespace {

using namespace std::chrono_literals;

const dht::Time start{1h};

bool add(DataOutlet& outlet, const Octets& bytes, std::string_view label = "chat") {
    return outlet.add({label, "proto", true, bytes});
}

START_TEST(messages_wait_for_the_channel_and_keep_their_order) {
    DataOutlet outlet;
    ck_assert(!outlet.open());
    ck_assert(add(outlet, {1}));
    ck_assert(add(outlet, {2}, "file"));
    ck_assert(!outlet.next(start).has_value());
    outlet.ready(start);
    ck_assert(outlet.open());
    const auto first = outlet.next(start);
    ck_assert(first->label == "chat" && first->protocol == "proto" && first->binary);
    ck_assert(first->bytes == (Octets{1}));
    ck_assert(outlet.next(start)->label == "file");
    ck_assert(!outlet.next(start).has_value());
}
END_TEST

START_TEST(janus_gets_a_window_at_a_time) {
    DataOutlet outlet;
    outlet.ready(start);
    const Octets piece(DataOutlet::window_min / 4);
    for (int i = 0; i < 10; ++i) add(outlet, piece);
    int given = 0;
    while (outlet.next(start)) ++given;
    ck_assert_int_eq(given, 4);
    outlet.ready(start);
    while (outlet.next(start)) ++given;
    ck_assert_int_eq(given, 8);
}
END_TEST

/// How many quarters of the least window are given at once, and acknowledged after `took`.
int quarters(DataOutlet& outlet, dht::Time& now, dht::Duration took) {
    const Octets quarter(DataOutlet::window_min / 4);
    for (int i = 0; i < 20; ++i) add(outlet, quarter);
    int given = 0;
    while (outlet.next(now)) ++given;
    now += took;
    outlet.ready(now);
    return given;
}

START_TEST(the_window_grows_on_a_long_path_and_shrinks_on_a_short_one) {
    DataOutlet outlet;
    auto now = start;
    outlet.ready(now);
    ck_assert_int_eq(quarters(outlet, now, 15ms), 4);
    ck_assert_int_eq(quarters(outlet, now, 50ms), 4);
    ck_assert_int_eq(quarters(outlet, now, 50ms), 8);
    ck_assert_int_eq(quarters(outlet, now, 50ms), 16);
    ck_assert_int_eq(quarters(outlet, now, 5ms), 16);
    ck_assert_int_eq(quarters(outlet, now, 15ms), 8);
}
END_TEST

START_TEST(a_window_that_is_not_used_up_stays_as_it_is) {
    DataOutlet outlet;
    auto now = start;
    outlet.ready(now);
    add(outlet, {1});
    ck_assert(outlet.next(now));
    now += 1s;
    outlet.ready(now);
    ck_assert_int_eq(quarters(outlet, now, 15ms), 4);
}
END_TEST

START_TEST(a_message_larger_than_the_window_goes_alone) {
    DataOutlet outlet;
    outlet.ready(start);
    add(outlet, Octets(DataOutlet::window_min + 1));
    add(outlet, {1});
    ck_assert(outlet.next(start).has_value());
    ck_assert(!outlet.next(start).has_value());
}
END_TEST

START_TEST(what_waits_has_a_limit) {
    DataOutlet outlet;
    const Octets mebibyte(1024 * 1024);
    std::size_t taken = 0;
    while (add(outlet, mebibyte)) taken += mebibyte.size();
    ck_assert_uint_eq(taken, DataOutlet::waiting_max);
    outlet.ready(start);
    ck_assert(outlet.next(start).has_value());
    ck_assert(add(outlet, mebibyte));
}
END_TEST

START_TEST(closing_forgets_what_waits) {
    DataOutlet outlet;
    outlet.ready(start);
    add(outlet, {1});
    outlet.close();
    ck_assert(!outlet.open());
    outlet.ready(start);
    ck_assert(!outlet.next(start).has_value());
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "data_outlet",
        {messages_wait_for_the_channel_and_keep_their_order, janus_gets_a_window_at_a_time,
         the_window_grows_on_a_long_path_and_shrinks_on_a_short_one,
         a_window_that_is_not_used_up_stays_as_it_is, a_message_larger_than_the_window_goes_alone,
         what_waits_has_a_limit, closing_forgets_what_waits});
}
