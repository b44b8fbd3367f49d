// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/item_puts.h"

#include "tests/dht/parts.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::Parts;

namespace {

Item item(std::int64_t seq, const Bytes& value = "2:me") {
    Item out{.value = value, .salt = "salt", .seq = seq};
    sign(out, samples::identity(1));
    return out;
}

struct Tested : Parts {
    LookupId put(const Item& sent, std::optional<std::int64_t> cas = {}) {
        const auto id = puts.put(sent, cas, now);
        finish();
        return id;
    }

    void finish() {
        while (const auto* search = searches.take_progressed()) puts.progressed(*search, now);
        while (const auto search = searches.take_finished()) puts.searched(*search, now);
    }

    /// Answers the oldest get; `seq` is what the peer holds.
    const samples::Question* answer_get(std::optional<std::int64_t> seq = {}) {
        const auto* asked = question();
        ck_assert(asked != nullptr && asked->query.method == Method::get);
        answer(*asked, {.token = "token", .item = {.seq = seq}});
        finish();
        return asked;
    }

    void answer_get_with(const Item& held) {
        const ItemFields fields{
            .value = held.value, .key = text(*held.key), .signature = text(held.signature), .seq = held.seq};
        answer({.token = "token", .item = fields});
        finish();
    }

    Rpc::Pending take(const samples::Question& asked) {
        return *rpc.take(asked.message.transaction, asked.to, now.time);
    }

    /// What has become of the put, if it has ended.
    std::optional<ItemStored> outcome() {
        if (events.empty()) return std::nullopt;
        const auto out = std::get<ItemStored>(events.front());
        events.pop_front();
        return out;
    }

    ItemStore items{{}};
    ItemPuts puts{items, searches, rpc, next_id, events};
};

}  // namespace

START_TEST(with_nobody_around_an_item_is_held_here_alone) {
    Tested t;
    const auto id = t.put(item(1));
    const auto outcome = t.outcome();
    ck_assert(outcome && outcome->put == id && outcome->holders == 0 && outcome->error == 0);
    ck_assert(*t.items.find(target_of(item(1)), t.now.time) == item(1));
}
END_TEST

START_TEST(an_item_goes_to_the_closest_with_their_token) {
    Tested t;
    t.know(1);
    t.put(item(7));
    const auto* get = t.answer_get();
    ck_assert(get->query.target == target_of(item(7)) && get->query.item.seq == 7);
    const auto* put = t.question();
    const auto& sent = put->query.item;
    ck_assert(put->query.method == Method::put && put->query.token == "token");
    ck_assert(sent.value == "2:me" && sent.salt == "salt" && sent.seq == 7 && !sent.cas);
    ck_assert(sent.key == text(*item(7).key) && sent.signature == text(item(7).signature));
    ck_assert(!t.outcome());
    t.puts.stored(t.take(*put));
    ck_assert_uint_eq(t.outcome()->holders, 1);
}
END_TEST

START_TEST(an_immutable_item_goes_without_key_and_seq) {
    Tested t;
    t.know(1);
    t.puts.put({.value = "2:me"}, std::nullopt, t.now);
    ck_assert(!t.answer_get()->query.item.seq);
    const auto& sent = t.question()->query.item;
    ck_assert(sent.value == "2:me" && sent.key.empty() && sent.signature.empty() && !sent.seq);
}
END_TEST

START_TEST(cas_is_said_to_those_who_hold_something) {
    Tested t;
    t.know(1);
    t.know(2);
    t.put(item(7), 5);
    const auto* holder = t.answer_get(5);
    ck_assert(holder->query.item.seq == 5);  // so that who holds a newer one than that shows it
    t.answer_get();
    for (int i = 0; i < 2; ++i) {
        const auto* put = t.question();
        ck_assert(put->query.item.cas.has_value() == (put->to == holder->to));
    }
}
END_TEST

START_TEST(what_a_newer_one_will_refuse_is_sent_to_nobody) {
    Tested t;
    t.know(1);
    const auto held = item(8, "5:newer");
    t.put(item(7));
    t.answer_get_with(held);
    ck_assert(!t.question());
    ck_assert_int_eq(t.outcome()->error, 302);
    t.put(item(9), 7);
    t.answer_get_with(held);
    ck_assert(!t.question());
    ck_assert_int_eq(t.outcome()->error, 301);
    ck_assert_uint_eq(t.items.size(), 0);
}
END_TEST

START_TEST(a_peer_that_only_claims_to_hold_a_newer_one_stops_nothing) {
    Tested t;
    t.know(1);
    t.put(item(7));
    t.answer_get(INT64_MAX);
    ck_assert(t.question()->query.method == Method::put);
    auto forged = item(6, "5:newer");
    forged.seq = 8;
    t.put(item(7));
    t.answer_get_with(forged);
    ck_assert(t.question()->query.method == Method::put);
}
END_TEST

START_TEST(a_refusal_is_told_and_the_others_still_count) {
    Tested t;
    t.know(1);
    t.know(2);
    t.put(item(7));
    t.answer_get();
    t.answer_get();
    t.puts.refused(t.take(*t.question()), 301);
    ck_assert(!t.outcome());
    t.puts.stored(t.take(*t.question()));
    const auto outcome = t.outcome();
    ck_assert(outcome->holders == 1 && outcome->error == 301);
}
END_TEST

START_TEST(who_is_late_is_sent_it_once_more) {
    Tested t;
    t.know(1);
    t.put(item(7));
    t.answer_get();
    t.puts.late(t.take(*t.question()), t.now);
    ck_assert(!t.outcome());
    const auto* again = t.question();
    ck_assert(again->query.method == Method::put);
    t.puts.late(t.take(*again), t.now);
    const auto outcome = t.outcome();
    ck_assert(outcome && outcome->holders == 0 && outcome->error == 0);
    ck_assert(!t.question());
}
END_TEST

START_TEST(what_nobody_would_take_is_refused_at_once) {
    Tested t;
    t.know(1);
    const auto refused = [&](const Item& sent) {
        t.put(sent);
        return t.outcome()->error;
    };
    ck_assert_int_eq(refused(item(1, "800:" + Bytes(800, 'x'))), 205);
    ck_assert_int_eq(refused({.value = "997:" + Bytes(997, 'x')}), 205);
    ck_assert_int_eq(refused({.value = "no bencode"}), 203);
    auto forged = item(1);
    forged.seq = 2;
    ck_assert_int_eq(refused(forged), 206);
    auto salty = item(1);
    salty.salt = Bytes(65, 's');
    ck_assert_int_eq(refused(salty), 207);
    ck_assert(!t.question());
}
END_TEST

START_TEST(a_quorum_is_told_and_then_the_end) {
    Tested t;
    for (std::uint8_t i = 1; i <= 10; ++i) t.know(i);
    t.put(item(7));
    std::vector<const samples::Question*> puts;
    while (const auto* asked = t.question()) {
        if (asked->query.method == Method::put) {
            puts.push_back(asked);
        } else {
            t.answer(*asked, {.token = "token"});
            t.finish();
        }
    }
    ck_assert_uint_eq(puts.size(), 10);
    for (std::size_t i = 0; i < quorum; ++i) {
        ck_assert(!t.outcome());
        t.puts.stored(t.take(*puts[i]));
    }
    const auto enough = t.outcome();
    ck_assert(enough && !enough->complete && enough->holders == quorum);
    t.puts.stored(t.take(*puts[8]));
    ck_assert(!t.outcome());
    t.puts.stored(t.take(*puts[9]));
    const auto end = t.outcome();
    ck_assert(end && end->complete && end->holders == 10);
}
END_TEST

START_TEST(only_a_put_that_compares_waits_for_the_whole_search) {
    for (const bool compares : {false, true}) {
        Tested t;
        for (std::uint8_t i = 1; i <= 5; ++i) t.know(i);
        t.put(item(7), compares ? std::optional<std::int64_t>{5} : std::nullopt);
        std::vector<const samples::Question*> asked;
        for (int i = 0; i < 3; ++i) asked.push_back(t.question());
        for (const auto* each : asked) t.answer(*each, {.token = "token"});
        t.finish();
        std::size_t puts = 0;
        while (const auto* each = t.question()) puts += each->query.method == Method::put ? 1 : 0;
        ck_assert_uint_eq(puts, compares ? 0 : 3);
    }
}
END_TEST

START_TEST(what_is_kept_is_put_again_every_hour_until_it_is_dropped) {
    Tested t;
    t.know(1);
    const auto id = t.puts.keep(item(7), t.now);
    for (int hour = 0; hour < 3; ++hour) {
        t.answer_get();
        t.puts.stored(t.take(*t.question()));
        const auto outcome = t.outcome();
        ck_assert(outcome->put == id && outcome->holders == 1);
        ck_assert(t.puts.deadline() == t.now.time + 1h);
        t.pass(1h - 1us);
        t.puts.advance(t.now);
        ck_assert(!t.question());
        t.now = samples::later(1h * (hour + 1));
        t.puts.advance(t.now);
    }
    t.answer_get();
    t.puts.drop(target_of(item(7)));
    ck_assert(!t.puts.deadline());
}
END_TEST

START_TEST(what_is_kept_goes_to_a_network_that_is_met_anew) {
    Tested t;
    t.puts.keep(item(7), t.now);
    t.finish();
    t.know(1);
    t.puts.renew_all(t.now);
    ck_assert(t.answer_get()->query.target == target_of(item(7)));
    t.puts.renew_all(t.now);  // still under way
    ck_assert(t.question()->query.method == Method::put);
    ck_assert(!t.question());
}
END_TEST

START_TEST(keeping_another_under_the_same_target_replaces_the_first) {
    Tested t;
    t.puts.keep(item(7), t.now);
    const auto id = t.puts.keep(item(8), t.now);
    t.finish();
    t.events.clear();
    t.know(1);
    t.pass(1h);
    t.puts.advance(t.now);
    t.answer_get();
    const auto* put = t.question();
    ck_assert_int_eq(*put->query.item.seq, 8);
    ck_assert(!t.question());
    t.puts.stored(t.take(*put));
    ck_assert_uint_eq(t.outcome()->put, id);
}
END_TEST

START_TEST(what_is_superseded_is_kept_no_more) {
    Tested t;
    t.know(1);
    const auto id = t.puts.keep(item(7), t.now);
    t.answer_get_with(item(9, "5:newer"));
    const auto outcome = t.outcome();
    ck_assert(outcome->put == id && outcome->error == 302 && outcome->found_seq == 9);
    ck_assert(!t.puts.deadline());
}
END_TEST

START_TEST(the_largest_items_fit_into_a_datagram) {
    Tested t;
    t.know(1);
    auto largest = item(INT64_MAX, "764:" + Bytes(764, 'x'));
    largest.salt = Bytes(64, 's');
    sign(largest, samples::identity(1));
    for (const auto& sent : {largest, Item{.value = "996:" + Bytes(996, 'x')}}) {
        t.put(sent, INT64_MAX - 1);
        const auto* asked = t.question();
        t.answer(*asked, {.token = Bytes(64, 't'), .item = {.seq = INT64_MAX - 1}});
        t.peers.unproved(asked->to);  // so that a nonce is sent, too
        t.finish();
        const auto* put = t.question();
        ck_assert(put->query.method == Method::put && !put->query.nonce.empty());
        ck_assert_uint_le(put->payload.size(), datagram_bytes_max);
        t.know(1);
    }
}
END_TEST

int main() {
    return run_suite(
        "item_puts",
        {with_nobody_around_an_item_is_held_here_alone, an_item_goes_to_the_closest_with_their_token,
         an_immutable_item_goes_without_key_and_seq, cas_is_said_to_those_who_hold_something,
         what_a_newer_one_will_refuse_is_sent_to_nobody,
         a_peer_that_only_claims_to_hold_a_newer_one_stops_nothing,
         a_refusal_is_told_and_the_others_still_count, who_is_late_is_sent_it_once_more,
         what_nobody_would_take_is_refused_at_once, a_quorum_is_told_and_then_the_end,
         only_a_put_that_compares_waits_for_the_whole_search,
         what_is_kept_is_put_again_every_hour_until_it_is_dropped,
         what_is_kept_goes_to_a_network_that_is_met_anew,
         keeping_another_under_the_same_target_replaces_the_first, what_is_superseded_is_kept_no_more,
         the_largest_items_fit_into_a_datagram});
}
