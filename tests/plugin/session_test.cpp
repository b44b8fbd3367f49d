// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/session.h"

#include "tests/check.h"
#include "tests/plugin/session_world.h"

using federation::Reason;
using tests::answer;
using tests::in_call;
using tests::in_each_call;
using tests::offer;
using tests::peer;
using tests::same;
using tests::sdp;
using tests::Way;
using tests::World;

namespace {

// ---- list

START_TEST(list_tells_the_users_of_this_server) {
    World world;
    world.ask("t", R"({"request":"list"})");
    ck_assert(same(world.finish(), {"t list alice carol"}));
}
END_TEST

// ---- register

START_TEST(a_registration_is_answered_when_the_federation_has_decided) {
    World world;
    world.ask("t1", R"({"request":"register","username":"alice"})");
    world.ask("t2", R"({"request":"list"})");
    world.session->registered("70ce");
    ck_assert(same(world.host.lines, {"register alice"}));
    ck_assert(same(world.finish(), {"t2 list alice carol", "t1 registered username=alice token=70ce"}));
    ck_assert(same(world.gateway.notified(), {R"({"event":"registered","username":"alice"})"}));
}
END_TEST

START_TEST(a_user_of_another_server_registers_with_her_token) {
    World world;
    const std::string token(64, 'a');
    world.ask("t1", R"({"request":"register","username":"alice","token":"a1"})");
    world.ask("t2", R"({"request":"register","username":"alice","token":")" + token + R"("})");
    world.session->registered("70ce");
    ck_assert(same(world.host.lines, {"register alice with " + token}));
    ck_assert(same(world.finish(), {"t1 error 474 invalid-element: Invalid element (token should be the 64 "
                                    "hexadecimal digits that registering elsewhere gave)",
                                    "t2 registered username=alice token=70ce"}));
}
END_TEST

START_TEST(a_taken_name_is_476_and_another_may_be_tried) {
    World world;
    world.ask("t1", R"({"request":"register","username":"alice"})");
    world.session->refused(Reason::name_taken);
    world.ask("t2", R"({"request":"register","username":"alicia"})");
    world.session->registered("70ce");
    ck_assert(same(world.host.lines, {"register alice", "register alicia"}));
    // The words "already taken" are what VideoCall's demo page looks for.
    ck_assert(same(world.finish(), {"t1 error 476 name-taken: Username 'alice' already taken",
                                    "t2 registered username=alicia token=70ce"}));
}
END_TEST

START_TEST(a_name_that_nobody_could_have_is_474) {
    World world;
    world.ask("t", R"({"request":"register","username":"@"})");
    world.session->refused(Reason::invalid_name);
    ck_assert(
        same(world.finish(),
             {"t error 474 invalid-name: Invalid element (username: This cannot be the name of a user.)"}));
}
END_TEST

START_TEST(any_other_refusal_is_499_with_its_word) {
    World world;
    world.ask("t", R"({"request":"register","username":"alice"})");
    world.session->refused(Reason::no_record_holder);
    ck_assert(same(world.finish(),
                   {"t error 499 no-record-holder: No other server would keep the record of this name."}));
}
END_TEST

START_TEST(a_second_name_is_477) {
    World world;
    world.ask("t1", R"({"request":"register","username":"alice"})");
    world.ask("t2", R"({"request":"register","username":"bob"})");
    world.session->registered("70ce");
    world.ask("t3", R"({"request":"register","username":"alice"})");
    ck_assert(same(world.host.lines, {"register alice"}));
    ck_assert(same(world.finish(), {"t2 error 477 already-registered: Already registered (alice)",
                                    "t1 registered username=alice token=70ce",
                                    "t3 error 477 already-registered: Already registered (alice)"}));
}
END_TEST

START_TEST(whose_name_goes_to_another_handle_of_hers_is_told_and_keeps_her_call) {
    World world;
    world.talking();
    ck_assert_str_eq(world.session->token().c_str(), "70ce");
    world.begin();
    world.session->taken_over();
    ck_assert(world.session->user().empty() && world.session->token().empty());
    ck_assert(same(world.state(), "talking"));
    ck_assert(world.host.lines.empty());  // the name is still registered, and stays so when the handle goes
    ck_assert(same(world.finish(), {"- unregistered username=alice reason_code=taken-over"}));
}
END_TEST

START_TEST(a_name_lost_later_is_told_without_a_transaction) {
    World world;
    world.registered();
    world.begin();
    world.session->refused(Reason::name_taken);
    ck_assert(world.session->user().empty());
    world.ask("c", R"({"request":"call","username":"bob"})", offer);
    ck_assert(same(world.finish(), {"- error 476 name-taken: Username 'alice' already taken",
                                    "c error 473 register-first: Register a username first", "close_pc"}));
}
END_TEST

// ---- unregister, lookup, nodes

START_TEST(unregistering_withdraws_the_name_and_leaves_the_call) {
    World world;
    world.talking();
    world.begin();
    world.ask("t1", R"({"request":"unregister"})");
    ck_assert(same(world.state(), "talking"));
    ck_assert(same(world.host.lines, {"unregister alice"}));
    world.ask("t2", R"({"request":"unregister"})");
    world.ask("t3", R"({"request":"register","username":"alicia"})");
    world.session->registered("70ce");
    ck_assert(same(world.finish(), {"t1 unregistered username=alice",
                                    "t2 error 473 register-first: Register a username first",
                                    "t3 registered username=alicia token=70ce"}));
}
END_TEST

START_TEST(a_lookup_tells_the_server_and_the_time_it_took) {
    World world;
    world.ask("t1", R"({"request":"lookup","username":"bob"})");
    ck_assert(same(world.host.lines, {"lookup bob"}));
    world.host.found({peer, Reason::none, std::chrono::microseconds{2500}});
    world.ask("t2", R"({"request":"lookup","username":"carl"})");
    world.host.found({std::nullopt, Reason::unknown_user, {}});
    world.ask("t3", R"({"request":"lookup","username":"dan"})");
    world.host.found({std::nullopt, Reason::timeout, {}});
    ck_assert(same(world.finish(), {"t1 found username=bob server=" + peer.hex() + " took-ms=2.5",
                                    "t2 error 478 unknown-user: Username 'carl' doesn't exist",
                                    "t3 error 478 timeout: Nobody answered in time."}));
}
END_TEST

START_TEST(nodes_tells_what_is_known_of_the_dht) {
    World world;
    world.ask("t", R"({"request":"nodes"})");
    ck_assert(
        same(world.finish(), {R"(t  node=ab known=2 nodes=[{"node":"cd","address":"192.0.2.1:7773"}])"}));
}
END_TEST

// ---- What else there is

START_TEST(every_answer_has_the_transaction_of_its_request) {
    World world;
    world.ask("t1", R"({"request":"register","username":"alice"})");
    world.ask("t2", R"({"request":"nonsense"})");
    world.session->registered("70ce");
    world.ask("t3", R"({"request":"call","username":"bob"})", offer);
    world.ask("t4", R"({"request":"set"})");
    world.session->proceeding({"call-1", peer, 7});
    world.session->ringing();
    world.ask("t5", R"({"request":"accept"})", answer);
    world.session->accepted(answer);
    world.ask("t6", R"({"request":"hangup"})");
    ck_assert(same(world.finish(),
                   {"t2 error 472 unknown-request: Unknown request (nonsense)",
                    "t1 registered username=alice token=70ce", "t4 set", "t3 calling username=bob",
                    "t5 error 481 no-call: No incoming call to accept", "- accepted username=bob +answer",
                    "t6 hangup username=alice reason=Explicit hangup", "close_pc"}));
}
END_TEST

START_TEST(whatever_a_client_sends_gets_one_answer_and_changes_nothing) {
    const std::string nonsense[] = {"",
                                    "[]",
                                    "{}",
                                    R"({"request":null})",
                                    R"({"request":{"request":"list"}})",
                                    R"({"request":"\ud83d\ude00"})",
                                    R"({"request":"call"})",
                                    R"({"request":"call","username":["bob"]})",
                                    R"({"request":"register","username":{}})",
                                    R"({"request":"set","bitrate":-9223372036854775808})",
                                    R"({"request":"set","bitrate":1e300})",
                                    R"({"request":"set","substream":3})",
                                    R"({"request":")" + std::string(100'000, 'x') + "\"}"};
    const std::string jseps[] = {"",
                                 "[]",
                                 "{}",
                                 R"({"type":"offer","sdp":null})",
                                 R"({"type":"offer","sdp":"v=0\r\nm=\r\n"})",
                                 R"({"type":"offer","sdp":")" + std::string(100'000, 'm') + "\"}"};
    std::vector<Way> ways(std::begin(in_call), std::end(in_call));
    ways.push_back(&World::registered);
    for (const Way way : ways) {
        World world;
        (world.*way)();
        const auto state = world.state();
        world.begin();
        std::size_t asked = 0;
        for (const auto& message : nonsense) {
            for (const auto& jsep : jseps) world.ask("t" + std::to_string(asked++), message, jsep);
        }
        ck_assert(same(world.host.lines, {}));
        ck_assert(same(world.state(), state));
        auto lines = world.finish();
        std::erase(lines, "close_pc");
        ck_assert_uint_eq(lines.size(), asked);
        for (std::size_t i = 0; i < asked; ++i)
            ck_assert(lines[i].rfind("t" + std::to_string(i) + " error 47", 0) == 0);
    }
}
END_TEST

// ---- The end of the handle

/// Whatever is still on its way to a session that was destroyed.
void come_too_late(World& world) {
    world.session->registered("70ce");
    world.session->proceeding({"call-1", peer, 7});
    world.session->ringing();
    world.session->accepted(answer);
    world.session->updated(offer);
    world.session->slow_link(0, true, false);
    world.session->media_gone();
    world.session->ended(Reason::hangup, {});
    world.session->refused(Reason::name_taken);
    world.ask("late", R"({"request":"list"})");
    world.ask("late", R"({"request":"hangup"})");
    world.session->destroy();
}

START_TEST(destroying_gives_everything_back_in_every_state) {
    in_each_call([](World& world) {
        world.session->destroy();
        ck_assert(world.host.lane.expired());
        ck_assert(
            same(world.host.lines, {"bye call-1 media-lost: Remote WebRTC hangup", "unregister alice"}));
        come_too_late(world);
        world.session->incoming({"call-9", "bob", "alice", peer, 7, offer});
        ck_assert_uint_eq(world.host.lines.size(), 3);
        ck_assert(same(world.host.lines.back(), "bye call-9 unknown-user"));
        ck_assert(same(world.finish(), {}));
        for (const auto& event : world.gateway.notified())
            ck_assert(event.find("hangup") == std::string::npos);
        ck_assert(!world.handle.released());
        world.session.reset();
        ck_assert(world.handle.released());
    });
}
END_TEST

START_TEST(destroying_without_a_call_withdraws_the_name) {
    World world;
    world.registered();
    world.begin();
    world.session->destroy();
    ck_assert(same(world.host.lines, {"unregister alice"}));
    come_too_late(world);
    ck_assert_uint_eq(world.host.lines.size(), 1);
    ck_assert(same(world.finish(), {}));
}
END_TEST

START_TEST(destroying_withdraws_a_name_that_is_only_asked_for) {
    World world;
    world.ask("r", R"({"request":"register","username":"alice"})");
    world.session->destroy();
    ck_assert(same(world.host.lines, {"register alice", "unregister alice"}));
    world.session->registered("70ce");
    ck_assert(same(world.finish(), {}));
    ck_assert(same(world.gateway.notified(), {}));
}
END_TEST

START_TEST(destroying_who_never_registered_tells_nobody) {
    World world;
    world.session->destroy();
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(world.finish(), {}));
}
END_TEST

START_TEST(the_handle_is_released_without_a_destroy_too) {
    World world;
    world.registered();
    world.outbox.stop();
    world.session.reset();
    ck_assert(world.handle.released());
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "session",
        {list_tells_the_users_of_this_server, a_registration_is_answered_when_the_federation_has_decided,
         a_user_of_another_server_registers_with_her_token, a_taken_name_is_476_and_another_may_be_tried,
         a_name_that_nobody_could_have_is_474, any_other_refusal_is_499_with_its_word, a_second_name_is_477,
         whose_name_goes_to_another_handle_of_hers_is_told_and_keeps_her_call,
         a_name_lost_later_is_told_without_a_transaction,
         unregistering_withdraws_the_name_and_leaves_the_call, a_lookup_tells_the_server_and_the_time_it_took,
         nodes_tells_what_is_known_of_the_dht, every_answer_has_the_transaction_of_its_request,
         whatever_a_client_sends_gets_one_answer_and_changes_nothing,
         destroying_gives_everything_back_in_every_state, destroying_without_a_call_withdraws_the_name,
         destroying_withdraws_a_name_that_is_only_asked_for, destroying_who_never_registered_tells_nobody,
         the_handle_is_released_without_a_destroy_too});
}
