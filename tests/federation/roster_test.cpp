// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/roster.h"

#include <string>

#include "federation/protocol.h"
#include "tests/check.h"

namespace {

using namespace federation;
using Verdict = PeerRoster::Verdict;

const auto peer = *dht::NodeId::from_hex(std::string(40, 'b'));

Participant somebody(const std::string& id, std::size_t bytes = 10) {
    return {id, "Somebody", R"({"x":")" + std::string(bytes, 'x') + R"("})"};
}

struct Heard {
    RosterBudget budget;
    PeerRoster roster;
    PeerRoster::News news;

    Verdict hear(const RoomRoster& said) {
        news = {};
        return roster.hear(said, peer, budget, news);
    }
    Verdict hear(std::uint64_t seq, std::vector<Participant> set, std::vector<std::string> gone = {}) {
        return hear({.room = "demo", .seq = seq, .set = std::move(set), .gone = std::move(gone)});
    }
    Verdict begin(std::vector<Participant> set, std::uint64_t seq = 1) {
        return hear(
            {.room = "demo", .seq = seq, .begin = true, .end = true, .set = std::move(set), .gone = {}});
    }
};

START_TEST(what_is_said_whole_is_heard_whole) {
    OwnRoster own;
    for (int i = 0; i < 100; ++i) ck_assert(own.set(somebody(std::to_string(i), 2000)));
    std::uint64_t seq = 7;
    const auto messages = own.whole("demo", seq);
    ck_assert(messages.size() > 5 && seq == 7 + messages.size());
    Heard heard;
    for (const auto& message : messages) {
        ck_assert(encode(message).size() <= message_bytes_max);
        ck_assert(heard.hear(message) == Verdict::fine);
    }
    ck_assert(heard.roster.all() == own.all());
    ck_assert(OwnRoster{}.whole("demo", seq).size() == 1);
}
END_TEST

START_TEST(changes_follow_by_their_numbers_and_one_that_is_missing_shows) {
    Heard heard;
    ck_assert(heard.hear(1, {}) == Verdict::missing);
    ck_assert(heard.begin({somebody("1"), somebody("2")}) == Verdict::fine);
    ck_assert(heard.hear(2, {somebody("3")}, {"1"}) == Verdict::fine);
    ck_assert(heard.news.changed.size() == 1 && heard.news.gone == std::vector<std::string>{"1"});
    ck_assert(heard.hear(4, {somebody("4")}) == Verdict::missing);
    ck_assert(heard.roster.all().size() == 2);
}
END_TEST

START_TEST(what_is_said_again_is_no_news_and_who_is_not_named_again_is_gone) {
    Heard heard;
    ck_assert(heard.begin({somebody("1"), somebody("2")}) == Verdict::fine);
    ck_assert(heard.begin({somebody("1"), somebody("3")}) == Verdict::fine);
    ck_assert(heard.news.changed == std::vector{somebody("3")});
    ck_assert(heard.news.gone == std::vector<std::string>{"2"});
    ck_assert(heard.hear(2, {}, {"nobody"}) == Verdict::fine && heard.news.gone.empty());
}
END_TEST

START_TEST(neither_too_many_nor_too_much_is_kept) {
    Heard heard;
    ck_assert(heard.begin({}) == Verdict::fine);
    for (std::size_t i = 0; i < participants_max; ++i) {
        ck_assert(heard.hear(2 + i, {somebody(std::to_string(i))}) == Verdict::fine);
    }
    ck_assert(heard.hear(2 + participants_max, {somebody("more")}) == Verdict::too_many);
    heard.roster.clear(peer, heard.budget);
    ck_assert(heard.budget.bytes == 0 && heard.budget.of_peer.empty());

    Heard much;
    ck_assert(much.begin({}) == Verdict::fine);
    auto verdict = Verdict::fine;
    std::vector<PeerRoster> rooms(20);  // of one peer: together they may not be more than one is
    for (std::size_t r = 0; r < rooms.size() && verdict == Verdict::fine; ++r) {
        PeerRoster::News news;
        verdict = rooms[r].hear({.room = "demo", .seq = 1, .begin = true, .set = {}, .gone = {}}, peer,
                                much.budget, news);
        for (std::size_t i = 0; i < participants_max && verdict == Verdict::fine; ++i) {
            verdict = rooms[r].hear(
                {.room = "demo", .seq = 2 + i, .set = {somebody(std::to_string(i), 8000)}, .gone = {}}, peer,
                much.budget, news);
        }
    }
    ck_assert(verdict == Verdict::too_many && much.budget.bytes <= RosterBudget::bytes_of_peer_max);
}
END_TEST

START_TEST(our_own_are_well_formed_and_not_too_many) {
    OwnRoster own;
    ck_assert(!own.set({"", "", ""}) && !own.set({"1", "\xFF", ""}) && !own.set({"1", "", "no object"}));
    ck_assert(!own.set({"1", std::string(display_bytes_max + 1, 'x'), ""}));
    ck_assert(!own.set(somebody("1", about_bytes_max)));
    ck_assert(own.set({"1", "", ""}) && own.set({"me@home", "", "{}"}));
    for (std::size_t i = own.all().size(); i < participants_max; ++i) {
        ck_assert(own.set(somebody("p" + std::to_string(i))));
    }
    ck_assert(!own.set(somebody("more")) && own.set(somebody("1")));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "roster",
        {what_is_said_whole_is_heard_whole, changes_follow_by_their_numbers_and_one_that_is_missing_shows,
         what_is_said_again_is_no_news_and_who_is_not_named_again_is_gone,
         neither_too_many_nor_too_much_is_kept, our_own_are_well_formed_and_not_too_many});
}
