// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/data_outlet.h"

#include "tests/check.h"
#include "tests/plugin/packets.h"

using plugin::DataOutlet;
using tests::Octets;

namespace {

bool add(DataOutlet& outlet, const Octets& bytes, std::string_view label = "chat") {
    return outlet.add({label, "proto", true, bytes});
}

START_TEST(messages_wait_for_the_channel_and_keep_their_order) {
    DataOutlet outlet;
    ck_assert(!outlet.open());
    ck_assert(add(outlet, {1}));
    ck_assert(add(outlet, {2}, "file"));
    ck_assert(!outlet.next().has_value());
    outlet.ready();
    ck_assert(outlet.open());
    const auto first = outlet.next();
    ck_assert(first->label == "chat" && first->protocol == "proto" && first->binary);
    ck_assert(first->bytes == (Octets{1}));
    ck_assert(outlet.next()->label == "file");
    ck_assert(!outlet.next().has_value());
}
END_TEST

START_TEST(janus_gets_a_window_at_a_time) {
    DataOutlet outlet;
    outlet.ready();
    const Octets piece(DataOutlet::window / 4);
    for (int i = 0; i < 10; ++i) add(outlet, piece);
    int given = 0;
    while (outlet.next()) ++given;
    ck_assert_int_eq(given, 4);
    outlet.ready();
    while (outlet.next()) ++given;
    ck_assert_int_eq(given, 8);
}
END_TEST

START_TEST(a_message_larger_than_the_window_goes_alone) {
    DataOutlet outlet;
    outlet.ready();
    add(outlet, Octets(DataOutlet::window + 1));
    add(outlet, {1});
    ck_assert(outlet.next().has_value());
    ck_assert(!outlet.next().has_value());
}
END_TEST

START_TEST(what_waits_has_a_limit) {
    DataOutlet outlet;
    const Octets mebibyte(1024 * 1024);
    std::size_t taken = 0;
    while (add(outlet, mebibyte)) taken += mebibyte.size();
    ck_assert_uint_eq(taken, DataOutlet::waiting_max);
    outlet.ready();
    ck_assert(outlet.next().has_value());
    ck_assert(add(outlet, mebibyte));
}
END_TEST

START_TEST(closing_forgets_what_waits) {
    DataOutlet outlet;
    outlet.ready();
    add(outlet, {1});
    outlet.close();
    ck_assert(!outlet.open());
    outlet.ready();
    ck_assert(!outlet.next().has_value());
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "data_outlet",
        {messages_wait_for_the_channel_and_keep_their_order, janus_gets_a_window_at_a_time,
         a_message_larger_than_the_window_goes_alone, what_waits_has_a_limit, closing_forgets_what_waits});
}
