// SPDX-License-Identifier: LGPL-2.1-or-later
/// Servers whose clocks differ by minutes.
#include <string>

#include "dht/clocks.h"
#include "federation/server.h"
#include "tests/check.h"
#include "tests/federation/world.h"

using namespace federation;
using namespace std::chrono_literals;

namespace {

/// Four servers, the last of which has a clock that is wrong.
struct Tested {
    World world;
    World::Host& a = world.add();
    World::Host& b = world.add();
    World::Host& c = world.add();
    World::Host& wrong = world.add();

    explicit Tested(std::chrono::seconds ahead) {
        wrong.ahead = ahead;
        for (auto* host : {&a, &b, &c, &wrong}) {
            (*host)->bootstrap(host == &a ? std::vector<dht::Endpoint>{} : std::vector{a.udp},
                               world.now(*host));
            world.run(200ms);
        }
    }

    /// Whether a warning with both was logged.
    bool warned(World::Host& host, const std::string& text, const std::string& more) {
        bool found = false;
        for (const auto& event : host.events) {
            const auto* note = std::get_if<Note>(&event);
            found =
                found || (note != nullptr && note->warning && note->text.find(text) != std::string::npos &&
                          note->text.find(more) != std::string::npos);
        }
        return found;
    }
};

}  // namespace

START_TEST(a_wrong_clock_is_complained_of_where_it_is_and_where_it_is_heard) {
    for (const auto ahead : {-600s, 600s}) {
        Tested t{ahead};
        t.world.run(15s);
        const std::string how = ahead > 0s ? " s ahead" : " s behind";
        ck_assert(t.warned(t.wrong, "clock-wrong: this server's clock is ", how));
        ck_assert(t.wrong->node().clocks().wrong().empty());
        for (auto* right : {&t.a, &t.b, &t.c}) {
            ck_assert(t.warned(*right, "clock-wrong: the clock of server " + t.wrong->id().hex(), how));
            ck_assert(!t.warned(*right, "this server's clock", ""));
            ck_assert_uint_eq((*right)->node().clocks().wrong().size(), 1);
        }
    }
}
END_TEST

START_TEST(nobody_elses_records_are_lost_by_it) {
    for (const auto ahead : {-600s, 600s}) {
        Tested t{ahead};
        t.world.register_user(t.a, "alice");
        t.world.register_user(t.b, "bob");
        for (int minute = 0; minute < 5; ++minute) {
            t.world.run(60s);
            t.c->lookup("alice", t.world.now());
            ck_assert(t.world.wait<UserFound>(t.c)->server == t.a->id());
            t.a->lookup("bob", t.world.now());
            ck_assert(t.world.wait<UserFound>(t.a)->server == t.b->id());
        }
    }
}
END_TEST

START_TEST(who_asks_where_the_clock_is_wrong_is_told_that_it_is) {
    Tested ahead{600s};
    ahead.world.register_user(ahead.a, "alice");
    ahead.world.run(15s);
    ahead.wrong->lookup("alice", ahead.world.now(ahead.wrong));
    ck_assert(ahead.world.wait<UserFound>(ahead.wrong)->reason == Reason::clock_wrong);
    ahead.wrong->call("cleo", "alice", {}, ahead.world.now(ahead.wrong));
    ck_assert(ahead.world.wait<CallEnded>(ahead.wrong)->reason == Reason::clock_wrong);
    ahead.wrong->enter_room("team", {}, ahead.world.now(ahead.wrong));
    ck_assert(ahead.world.wait<RoomRefused>(ahead.wrong)->reason == Reason::clock_wrong);

    Tested behind{-600s};
    behind.world.run(15s);
    behind.wrong->register_user("cleo", behind.world.now(behind.wrong));
    ck_assert(behind.world.wait<UserRefused>(behind.wrong)->reason == Reason::clock_wrong);

    // Elsewhere an unknown name is an unknown name.
    behind.a->lookup("nobody", behind.world.now());
    ck_assert(behind.world.wait<UserFound>(behind.a)->reason == Reason::unknown_user);
}
END_TEST

START_TEST(the_complaint_ends_when_the_clock_is_set_right) {
    Tested t{600s};
    t.world.run(15s);
    t.wrong.ahead = 0s;
    t.world.run(90s);
    ck_assert(t.warned(t.wrong, "this server's clock agrees", ""));
    ck_assert(t.wrong->node().clocks().own_ahead() == 0s);
    ck_assert(t.warned(t.a, "the clock of server " + t.wrong->id().hex() + " agrees", ""));
    t.world.register_user(t.a, "alice");
    t.wrong->lookup("alice", t.world.now());
    ck_assert(t.world.wait<UserFound>(t.wrong)->server == t.a->id());
}
END_TEST

int main() {
    return run_suite("server_clock", {a_wrong_clock_is_complained_of_where_it_is_and_where_it_is_heard,
                                      nobody_elses_records_are_lost_by_it,
                                      who_asks_where_the_clock_is_wrong_is_told_that_it_is,
                                      the_complaint_ends_when_the_clock_is_set_right});
}
