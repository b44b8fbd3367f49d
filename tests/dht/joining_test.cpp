// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/joining.h"

#include "tests/dht/parts.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::Parts;

namespace {

struct Tested : Parts {
    /// How often the node has joined since this was last asked.
    int joined() {
        const auto out = static_cast<int>(events.size());
        for (const auto& event : events) ck_assert(std::holds_alternative<Joined>(event));
        events.clear();
        return out;
    }

    /// A peer has proved its key.
    void meet(std::uint8_t number) {
        const bool first = table.size() == 0;
        const auto contact = know(number);
        joining.heard(contact.endpoint, now);
        joining.met(first, now);
    }

    /// Answers what the search for our own place asks; whether we have joined by that.
    bool finish() {
        while (const auto* asked = question()) answer(*asked, {});
        bool out = false;
        while (const auto search = searches.take_finished()) {
            if (search->what == Search::For::joining) out = joining.searched(now);
        }
        return out;
    }

    Joining joining{self.node_id(), table, searches, next_id, events, random};
};

const std::vector<Endpoint> known{Parts::contact(1).endpoint};

}  // namespace

START_TEST(a_first_node_has_joined_at_once) {
    Tested t;
    t.joining.begin({}, t.now);
    ck_assert_int_eq(t.joined(), 1);
    ck_assert(!t.joining.deadline());
}
END_TEST

START_TEST(a_node_has_joined_once_its_own_place_is_found) {
    Tested t;
    t.joining.begin(known, t.now);
    ck_assert(t.joining.take_due(t.now) == known);
    ck_assert_int_eq(t.joined(), 0);
    t.meet(1);
    ck_assert_int_eq(t.joined(), 0);
    ck_assert(t.finish());
    ck_assert_int_eq(t.joined(), 1);
    t.meet(2);
    ck_assert(!t.question());  // no second search
}
END_TEST

START_TEST(searches_wait_for_joining_but_not_for_long) {
    Tested t;
    t.joining.begin(known, t.now);
    t.know(2);
    t.searches.start(99, Search::For::nodes, 0, Key{}, t.now);
    ck_assert(!t.question());
    ck_assert(t.joining.deadline() == t.now.time);  // the first pings
    t.joining.take_due(t.now);
    t.pass(1s - 1us);
    t.joining.advance(t.now);
    ck_assert(!t.question());
    t.pass(1us);
    t.joining.advance(t.now);
    ck_assert(t.question() != nullptr);
}
END_TEST

START_TEST(while_the_place_is_being_found_patience_does_not_end) {
    Tested t;
    t.joining.begin(known, t.now);
    t.searches.start(99, Search::For::nodes, 0, Key{}, t.now);
    t.meet(1);
    t.pass(2s);
    t.joining.advance(t.now);
    ck_assert_uint_eq(t.datagrams.size(), 1);
    ck_assert(t.question()->query.target == t.self.node_id());
}
END_TEST

START_TEST(neighbours_are_looked_for_ever_more_seldom) {
    Tested t;
    t.joining.begin(known, t.now);
    t.joining.take_due(t.now);
    t.meet(1);
    t.finish();
    for (const auto pause : {2s, 8s, 32s, 128s, 512s, 900s, 900s}) {
        t.pass(pause - 1us);
        t.joining.advance(t.now);
        ck_assert(!t.question());
        t.pass(1us);
        t.joining.advance(t.now);
        ck_assert(t.question()->query.target == t.self.node_id());
        while (t.question() != nullptr) {
        }
    }
}
END_TEST

START_TEST(who_has_lost_everybody_joins_again) {
    Tested t;
    t.joining.begin(known, t.now);
    t.joining.take_due(t.now);
    t.meet(1);
    t.finish();
    t.joined();
    t.pass(1min);
    while (t.table.size() > 0) {
        t.pass(2s);
        t.table.failed(Parts::contact(1), t.now.time);
    }
    t.joining.alone(t.now);
    ck_assert(t.joining.take_due(t.now) == known);
    t.meet(1);
    ck_assert(t.finish());
    ck_assert_int_eq(t.joined(), 1);
}
END_TEST

int main() {
    return run_suite(
        "joining",
        {a_first_node_has_joined_at_once, a_node_has_joined_once_its_own_place_is_found,
         searches_wait_for_joining_but_not_for_long, while_the_place_is_being_found_patience_does_not_end,
         neighbours_are_looked_for_ever_more_seldom, who_has_lost_everybody_joins_again});
}
