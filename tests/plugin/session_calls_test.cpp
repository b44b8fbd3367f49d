// SPDX-License-Identifier: GPL-3.0-or-later
/// Calls that a session makes.
#include "plugin/session.h"

#include "tests/check.h"
#include "tests/plugin/session_world.h"

using federation::Reason;
using tests::answer;
using tests::in_each_call;
using tests::offer;
using tests::peer;
using tests::same;
using tests::sdp;
using tests::World;

namespace {

START_TEST(calling_without_a_name_is_473) {
    World world;
    world.ask("t1", R"({"request":"call","username":"bob"})", offer);
    world.ask("r", R"({"request":"register","username":"alice"})");
    world.ask("t2", R"({"request":"call","username":"bob"})", offer);
    ck_assert(same(world.host.lines, {"register alice"}));
    ck_assert(same(world.finish(), {"t1 error 473 register-first: Register a username first", "close_pc",
                                    "t2 error 473 register-first: Register a username first", "close_pc"}));
}
END_TEST

START_TEST(calling_nobody_is_475_and_closes_what_the_browser_opened) {
    World world;
    world.registered();
    world.begin();
    world.ask("t1", R"({"request":"call"})", offer);
    world.ask("t2", R"({"request":"call","username":7})", offer);
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(world.finish(),
                   {"t1 error 475 missing-element: Missing mandatory element (username)", "close_pc",
                    "t2 error 474 invalid-element: Invalid element (username should be a string of at "
                    "most 512 octets)",
                    "close_pc"}));
}
END_TEST

START_TEST(calling_oneself_is_479) {
    World world;
    world.registered();
    world.begin();
    world.ask("t", R"({"request":"call","username":"alice"})", offer);
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(
        world.finish(),
        {"t error 479 use-echo-test: You can't call yourself... use the EchoTest for that", "close_pc"}));
}
END_TEST

START_TEST(a_second_call_is_480_and_leaves_the_first_alone) {
    in_each_call([](World& world) {
        const auto state = world.state();
        world.ask("t1", R"({"request":"call","username":"carol"})", offer);
        world.ask("t2", R"({"request":"call"})", offer);
        ck_assert(same(world.state(), state));
        ck_assert(same(world.host.lines, {}));
        ck_assert(
            same(world.finish(), {"t1 error 480 already-in-call: Already in a call",
                                  "t2 error 475 missing-element: Missing mandatory element (username)"}));
    });
}
END_TEST

START_TEST(a_call_without_an_sdp_is_482_and_with_nonsense_483) {
    World world;
    world.registered();
    world.begin();
    world.ask("t1", R"({"request":"call","username":"bob"})");
    world.ask("t2", R"({"request":"call","username":"bob"})", R"({"type":"offer","sdp":"nonsense"})");
    world.ask("t3", R"({"request":"call","username":"bob"})", R"({"type":"pranswer","sdp":")" + sdp + "\"}");
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(world.finish(),
                   {"t1 error 482 missing-sdp: Missing SDP", "t2 error 483 invalid-sdp: Invalid SDP",
                    "t3 error 483 invalid-sdp: Invalid SDP type (pranswer)"}));
}
END_TEST

START_TEST(a_call_carries_the_offer_and_what_belongs_to_it) {
    World world;
    world.registered();
    world.begin();
    world.ask("t", R"({"request":"call","username":"bob"})",
              R"({"type":"offer","sdp":")" + sdp + R"(","e2ee":true,"trickle":true})");
    ck_assert(same(world.host.lines, {"call bob"}));
    ck_assert(same(world.host.jseps, {R"({"type":"offer","sdp":")" + sdp + R"(","e2ee":true})"}));
    ck_assert(same(world.finish(), {}));
}
END_TEST

START_TEST(an_unknown_callee_is_478) {
    World world;
    world.resolving();
    world.begin();
    world.session->ended(Reason::unknown_user, {});
    ck_assert(same(world.state(), "idle"));
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(world.finish(), {"c error 478 unknown-user: Username 'bob' doesn't exist", "close_pc"}));
}
END_TEST

START_TEST(an_unreachable_callee_is_478_with_the_reason) {
    World world;
    world.resolving();
    world.begin();
    world.session->ended(Reason::server_unreachable, {});
    ck_assert(same(world.finish(),
                   {"c error 478 server-unreachable: The other server does not answer.", "close_pc"}));
}
END_TEST

START_TEST(a_busy_callee_is_a_hangup_and_no_error) {
    World world;
    world.resolving();
    world.begin();
    world.session->proceeding({"call-1", peer, 7});
    world.session->ended(Reason::busy, {});
    ck_assert(
        same(world.finish(), {"c hangup username=alice reason=User busy reason_code=busy", "close_pc"}));
}
END_TEST

START_TEST(a_ringing_phone_is_told_to_the_caller) {
    World world;
    world.resolving();
    world.begin();
    world.session->proceeding({"call-1", peer, 7});
    world.ask("l", R"({"request":"list"})");
    world.session->ringing();
    ck_assert(same(world.finish(), {"l list alice carol", "c calling username=bob"}));
}
END_TEST

START_TEST(an_accepted_call_has_the_answer_and_a_lane) {
    World world;
    world.ringing_out();
    world.begin();
    world.session->accepted(answer);
    ck_assert(same(world.state(), "talking"));
    ck_assert(world.session->media().connected());
    ck_assert(same(world.host.lines, {"lane 7 to ab"}));
    ck_assert(same(world.finish(), {"- accepted username=bob +answer"}));
    ck_assert(same(world.gateway.jseps().back(), answer));
}
END_TEST

START_TEST(a_call_that_can_have_no_lane_ends) {
    World world;
    world.ringing_out();
    world.begin();
    world.host.lanes_full = true;
    world.session->accepted(answer);
    ck_assert(same(world.state(), "idle"));
    ck_assert(same(world.host.lines, {"lane 7 to ab", "bye call-1 trunk-failed"}));
    ck_assert(
        same(world.finish(), {"- hangup username=bob reason=No media path could be made between the two "
                              "servers. reason_code=trunk-failed",
                              "close_pc"}));
}
END_TEST

START_TEST(an_answer_that_is_none_ends_the_call) {
    for (const char* nonsense : {"", "{}", "[]", "nonsense", R"({"type":"answer"})",
                                 R"({"type":"answer","sdp":7})", R"({"type":"answer","sdp":"nonsense"})"}) {
        World world;
        world.ringing_out();
        world.begin();
        world.session->accepted(nonsense);
        ck_assert(same(world.state(), "idle"));
        ck_assert(same(world.host.lines, {"bye call-1 protocol-error"}));
        ck_assert(
            same(world.finish(), {"- hangup username=bob reason=The other server sent what it may not send. "
                                  "reason_code=protocol-error",
                                  "close_pc"}));
    }
}
END_TEST

}  // namespace

int main() {
    return run_suite("session_calls",
                     {calling_without_a_name_is_473, calling_nobody_is_475_and_closes_what_the_browser_opened,
                      calling_oneself_is_479, a_second_call_is_480_and_leaves_the_first_alone,
                      a_call_without_an_sdp_is_482_and_with_nonsense_483,
                      a_call_carries_the_offer_and_what_belongs_to_it, an_unknown_callee_is_478,
                      an_unreachable_callee_is_478_with_the_reason, a_busy_callee_is_a_hangup_and_no_error,
                      a_ringing_phone_is_told_to_the_caller, an_accepted_call_has_the_answer_and_a_lane,
                      a_call_that_can_have_no_lane_ends, an_answer_that_is_none_ends_the_call});
}
