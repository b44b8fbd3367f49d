// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/searches.h"

#include "tests/dht/parts.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::identity;
using samples::Parts;
using samples::record;

namespace {

const Key alice = key_of("public", "user", "alice");

/// An answer that holds these records.
Reply with(const Bytes& records, std::string_view cursor = {}) {
    return {.token = "token", .cursor = cursor, .with_records = true, .records = records};
}

Record withdrawn(const Identity& publisher, std::uint64_t seq) {
    auto out = record(publisher, "alice", seq);
    out.value.clear();
    sign(out, "public", publisher);
    return out;
}

}  // namespace

START_TEST(a_search_asks_whom_it_knows_and_whom_they_know_and_ends) {
    Parts t;
    t.know(1);
    t.searches.start(5, Search::For::nodes, 0, alice, t.now);
    ck_assert(!t.searches.take_finished());
    const auto* asked = t.question();
    ck_assert(asked->query.method == Method::find_node && asked->query.target == alice);
    t.answer(*asked, {.token = "one"}, {Parts::contact(2)});
    t.answer({.token = "two"});
    const auto done = t.searches.take_finished();
    ck_assert(done && done->id == 5);
    ck_assert_uint_eq(done->lookup.closest().size(), 2);
    ck_assert(done->tokens.at(Parts::contact(1)) == "one" && done->tokens.at(Parts::contact(2)) == "two");
    ck_assert(!t.question());
}
END_TEST

START_TEST(the_newest_record_of_each_publisher_is_gathered) {
    Parts t;
    t.know(1);
    t.know(2);
    t.searches.start(5, Search::For::values, 0, alice, t.now);
    ck_assert(t.datagrams.size() == 2);
    t.answer(with(encode(record(identity(8), "alice", 2)) + encode(record(identity(9), "alice", 7))));
    t.answer(with(encode(record(identity(8), "alice", 3)) + encode(record(identity(9), "alice", 6))));
    const auto done = t.searches.take_finished();
    ck_assert_uint_eq(done->records.size(), 2);
    ck_assert_uint_eq(done->records.at(identity(8).public_key()).seq, 3);
    ck_assert_uint_eq(done->records.at(identity(9).public_key()).seq, 7);
}
END_TEST

START_TEST(records_that_are_forged_expired_or_under_another_key_are_left_out) {
    Parts t;
    t.know(1);
    t.searches.start(5, Search::For::values, 0, alice, t.now);
    auto forged = record(identity(9), "alice", 1);
    forged.seq = 2;
    const auto other = record(identity(9), "bob", 1);
    const auto expired = record(identity(9), "alice", 1, "x", 0s);
    const auto immortal = record(identity(9), "alice", 1, "x", 3h);
    t.answer(with(encode(forged) + encode(other) + encode(expired) + encode(immortal) + "de" + "i1e"));
    ck_assert_uint_eq(t.searches.take_finished()->records.size(), 0);
}
END_TEST

START_TEST(pages_are_turned_until_there_is_no_cursor) {
    Parts t;
    t.know(1);
    t.searches.start(5, Search::For::values, 0, alice, t.now);
    t.answer(with(encode(record(identity(8), "alice", 1)), "m"));
    ck_assert(!t.searches.take_finished());
    const auto* next = t.question();
    ck_assert(next->query.cursor == "m" && next->query.target == alice);
    t.answer(*next, with(encode(record(identity(9), "alice", 1))));
    ck_assert_uint_eq(t.searches.take_finished()->records.size(), 2);
}
END_TEST

START_TEST(a_cursor_that_does_not_move_forward_is_not_followed) {
    for (const auto* backwards : {"m", "a"}) {
        Parts t;
        t.know(1);
        t.searches.start(5, Search::For::values, 0, alice, t.now);
        t.answer(with("", "m"));
        t.answer(with("", backwards));
        ck_assert(t.searches.take_finished().has_value());
        ck_assert(!t.question());
    }
}
END_TEST

START_TEST(a_page_that_does_not_come_is_not_waited_for) {
    Parts t;
    t.know(1);
    t.searches.start(5, Search::For::values, 0, alice, t.now);
    t.answer(with("", "m"));
    t.pass(1s);
    t.searches.late(t.rpc.take_timeout(t.now.time)->pending, t.now);
    ck_assert(t.searches.take_finished().has_value());
}
END_TEST

START_TEST(a_first_search_ends_with_the_first_who_holds_a_live_record) {
    Parts t;
    for (std::uint8_t i = 1; i <= 3; ++i) t.know(i);
    t.searches.start(5, Search::For::values, 0, alice, t.now, {.first = true});
    t.answer(with(encode(withdrawn(identity(8), 4))));
    ck_assert(!t.searches.take_finished());
    t.answer(with(encode(record(identity(8), "alice", 3))));  // withdrawn, as is known
    ck_assert(!t.searches.take_finished());
    t.know(4);
    t.searches.start(6, Search::For::values, 0, alice, t.now, {.first = true});
    t.question();
    t.answer(with(encode(record(identity(8), "alice", 4))));
    const auto done = t.searches.take_finished();
    ck_assert(done && done->id == 6 && done->records.size() == 1);
}
END_TEST

START_TEST(a_first_search_takes_all_pages_of_that_holder) {
    Parts t;
    t.know(1);
    t.know(2);
    t.searches.start(5, Search::For::values, 0, alice, t.now, {.first = true});
    t.answer(with(encode(record(identity(8), "alice", 1)), "m"));
    ck_assert(!t.searches.take_finished());
    t.question();  // the other one, who stays silent
    t.answer(with(encode(record(identity(9), "alice", 1))));
    ck_assert_uint_eq(t.searches.take_finished()->records.size(), 2);
}
END_TEST

START_TEST(a_first_search_for_one_publisher_is_not_content_with_another) {
    Parts t;
    for (std::uint8_t i = 1; i <= 3; ++i) t.know(i);
    t.searches.start(5, Search::For::values, 0, alice, t.now,
                     {.first = true, .publisher = identity(9).node_id()});
    t.answer(with(encode(record(identity(8), "alice", 1))));
    ck_assert(!t.searches.take_finished());
    t.answer(with(encode(record(identity(9), "alice", 1))));
    ck_assert_uint_eq(t.searches.take_finished()->records.size(), 2);
}
END_TEST

START_TEST(what_is_held_here_is_counted_in_and_ends_a_first_search_at_once) {
    Parts t;
    t.know(1);
    t.store.put(record(identity(8), "alice", 2), std::nullopt, t.now.date);
    t.searches.start(5, Search::For::values, 0, alice, t.now, {.first = true});
    ck_assert(!t.question());
    ck_assert_uint_eq(t.searches.take_finished()->records.size(), 1);
    t.searches.start(6, Search::For::values, 0, alice, t.now);
    t.answer(with(encode(record(identity(8), "alice", 1)) + encode(record(identity(9), "alice", 1))));
    const auto done = t.searches.take_finished();
    ck_assert_uint_eq(done->records.size(), 2);
    ck_assert_uint_eq(done->records.at(identity(8).public_key()).seq, 2);
}
END_TEST

START_TEST(a_held_search_waits_but_joining_does_not) {
    Parts t;
    t.know(1);
    t.searches.hold(true, t.now);
    t.searches.start(5, Search::For::nodes, 0, alice, t.now);
    ck_assert(!t.question());
    t.searches.start(6, Search::For::joining, 0, t.self.node_id(), t.now);
    ck_assert(t.question()->query.target == t.self.node_id());
    t.searches.hold(false, t.now);
    ck_assert(t.question()->query.target == alice);
}
END_TEST

START_TEST(a_search_that_is_given_up_tells_what_it_has_found) {
    Parts t;
    t.know(1);
    t.know(2);
    t.searches.start(5, Search::For::values, 0, alice, t.now);
    ck_assert(!t.searches.give_up(5, t.now));  // nobody has answered: it goes on
    t.answer(with(encode(record(identity(8), "alice", 1))));
    const auto given_up = t.searches.give_up(5, t.now);
    ck_assert(given_up && given_up->id == 5);
    ck_assert_uint_eq(given_up->records.size(), 1);
    ck_assert_uint_eq(given_up->lookup.closest().size(), 1);
    ck_assert(!t.searches.give_up(5, t.now));
    t.answer(with(encode(record(identity(9), "alice", 1))));  // too late, and ends nothing
    ck_assert(!t.searches.take_finished());
    t.searches.start(6, Search::For::nodes, 0, alice, t.now);
    t.answer({.token = "token"});
    ck_assert(!t.searches.give_up(6, t.now));
}
END_TEST

START_TEST(only_so_many_run_at_once_and_the_rest_follow) {
    Parts t;
    t.know(1);
    for (std::uint64_t id = 1; id <= 40; ++id) t.searches.start(id, Search::For::nodes, 0, alice, t.now);
    ck_assert_uint_eq(t.datagrams.size(), 32);
    std::size_t finished = 0;
    while (const auto* asked = t.question()) {
        t.answer(*asked, {});
        while (t.searches.take_finished()) ++finished;
    }
    ck_assert_uint_eq(finished, 40);
}
END_TEST

START_TEST(renewals_let_others_pass) {
    Parts t;
    t.know(1);
    for (std::uint64_t id = 1; id <= 40; ++id) t.searches.start(id, Search::For::renewal, 0, alice, t.now);
    ck_assert_uint_eq(t.datagrams.size(), 24);
    for (std::uint64_t id = 41; id <= 60; ++id) t.searches.start(id, Search::For::values, 0, alice, t.now);
    ck_assert_uint_eq(t.datagrams.size(), 32);
    std::vector<std::uint64_t> finished;
    while (const auto* asked = t.question()) {
        t.answer(*asked, {});
        while (const auto search = t.searches.take_finished()) finished.push_back(search->id);
    }
    ck_assert_uint_eq(finished.size(), 60);
    ck_assert(std::all_of(finished.end() - 16, finished.end(), [](auto id) { return id <= 40; }));
}
END_TEST

START_TEST(a_search_waits_for_room_rather_than_finding_less) {
    Parts t{41};
    t.know(1);
    t.know(2);
    for (std::uint64_t id = 1; id <= 3; ++id) t.searches.start(id, Search::For::nodes, 0, alice, t.now);
    ck_assert_uint_eq(t.datagrams.size(), 2);
    while (const auto* asked = t.question()) t.answer(*asked, {});
    for (std::uint64_t id = 1; id <= 3; ++id) {
        const auto done = t.searches.take_finished();
        ck_assert(done && done->id == id);
        ck_assert_uint_eq(done->lookup.closest().size(), 2);
    }
}
END_TEST

START_TEST(a_long_line_of_searches_that_know_nobody_ends) {
    Parts t;
    t.searches.hold(true, t.now);
    constexpr std::uint64_t many = 100'000;
    for (std::uint64_t id = 1; id <= many; ++id) t.searches.start(id, Search::For::values, 0, alice, t.now);
    t.searches.hold(false, t.now);
    std::uint64_t finished = 0;
    while (t.searches.take_finished()) ++finished;
    ck_assert_uint_eq(finished, many);
}
END_TEST

START_TEST(a_search_that_can_ask_nobody_ends) {
    Parts t{0};
    t.know(1);
    t.searches.start(5, Search::For::nodes, 0, alice, t.now);
    const auto done = t.searches.take_finished();
    ck_assert(done && done->lookup.closest().empty());
}
END_TEST

START_TEST(an_immutable_item_ends_the_search_at_the_first_who_has_it) {
    Parts t;
    t.know(1);
    t.know(2);
    t.searches.start(5, Search::For::item, 0, sha1("4:here"), t.now);
    ck_assert(t.datagrams.size() == 2);
    t.answer({.item = {.value = "5:wrong"}});
    ck_assert(!t.searches.take_finished());
    t.know(3);
    t.searches.start(6, Search::For::item, 0, sha1("4:here"), t.now);
    t.question();
    t.answer({.item = {.value = "4:here"}});
    const auto done = t.searches.take_finished();
    ck_assert(done && done->id == 6 && done->item->value == "4:here");
}
END_TEST

START_TEST(of_a_mutable_item_the_newest_that_is_signed_is_found) {
    Parts t;
    for (std::uint8_t i = 1; i <= 4; ++i) t.know(i);
    const auto signed_one = [](std::int64_t seq, const Bytes& salt) {
        Item out{.value = "2:me", .salt = salt, .seq = seq};
        sign(out, identity(9));
        return out;
    };
    const auto fields = [](const Item& item, std::int64_t seq) {
        return ItemFields{
            .value = item.value, .key = text(*item.key), .signature = text(item.signature), .seq = seq};
    };
    const auto older = signed_one(3, "salt");
    const auto newer = signed_one(4, "salt");
    const auto other = signed_one(9, "other");
    t.searches.start(5, Search::For::item, 0, target_of(newer), t.now, {.salt = "salt"});
    t.answer({.item = fields(newer, 4)});
    t.answer({.item = fields(older, 3)});
    t.answer({.item = fields(newer, 7)});  // forged
    ck_assert(!t.searches.take_finished());
    t.answer({.item = fields(other, 9)});  // of another target
    const auto done = t.searches.take_finished();
    ck_assert(done && *done->item == newer);
    ck_assert_uint_eq(done->seqs.size(), 4);
}
END_TEST

START_TEST(an_item_that_did_not_fit_is_asked_for_once_more) {
    Parts t;
    t.know(1);
    t.searches.start(5, Search::For::item, 0, sha1("4:here"), t.now);
    t.answer({.cursor = "v"});
    ck_assert(!t.searches.take_finished());
    ck_assert(t.datagrams.size() == 1);
    t.answer({.cursor = "v"});
    ck_assert(t.searches.take_finished() && !t.question());
}
END_TEST

int main() {
    return run_suite("searches", {a_search_asks_whom_it_knows_and_whom_they_know_and_ends,
                                  the_newest_record_of_each_publisher_is_gathered,
                                  records_that_are_forged_expired_or_under_another_key_are_left_out,
                                  pages_are_turned_until_there_is_no_cursor,
                                  a_cursor_that_does_not_move_forward_is_not_followed,
                                  a_page_that_does_not_come_is_not_waited_for,
                                  a_first_search_ends_with_the_first_who_holds_a_live_record,
                                  a_first_search_takes_all_pages_of_that_holder,
                                  a_first_search_for_one_publisher_is_not_content_with_another,
                                  what_is_held_here_is_counted_in_and_ends_a_first_search_at_once,
                                  a_held_search_waits_but_joining_does_not,
                                  a_search_that_is_given_up_tells_what_it_has_found,
                                  only_so_many_run_at_once_and_the_rest_follow,
                                  renewals_let_others_pass,
                                  a_search_waits_for_room_rather_than_finding_less,
                                  a_long_line_of_searches_that_know_nobody_ends,
                                  a_search_that_can_ask_nobody_ends,
                                  an_immutable_item_ends_the_search_at_the_first_who_has_it,
                                  of_a_mutable_item_the_newest_that_is_signed_is_found,
                                  an_item_that_did_not_fit_is_asked_for_once_more});
}
