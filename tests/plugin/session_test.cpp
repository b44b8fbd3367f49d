// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/session.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <thread>

#include "tests/check.h"
#include "tests/plugin/fakes.h"

using federation::Reason;
using plugin::load;
using plugin::Outbox;
using plugin::Session;
using tests::FakeGateway;
using tests::FakeHandle;
using tests::FakeHost;
using tests::Lines;
using tests::same;

namespace {

const std::string sdp =
    "v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\n";
const std::string offer = R"({"type":"offer","sdp":")" + sdp + "\"}";
const std::string answer = R"({"type":"answer","sdp":")" + sdp + "\"}";
const std::string renegotiation = R"({"type":"offer","sdp":")" + sdp + R"(","update":true})";
const auto peer = *dht::NodeId::from_hex("ab00000000000000000000000000000000000000");

/// One session with nothing real around it. `ask` is the browser; the federation is `session` itself.
/// What the core was asked is complete only after `finish`, and then without what `begin` saw.
struct World {
    FakeHandle handle;
    FakeGateway gateway;
    Outbox outbox;
    FakeHost host;
    std::shared_ptr<Session> session = std::make_shared<Session>(host, gateway, outbox, &handle.session);

    World() = default;
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World() {
        if (session) session->destroy();
    }

    void ask(const std::string& transaction, const std::string& message, const std::string& jsep = "") const {
        session->handle(transaction, load(message), load(jsep));
    }
    /// What follows is what the test is about.
    void begin() {
        ask("begin", R"({"request":"list"})");
        host.lines.clear();
        host.jseps.clear();
    }
    Lines finish() {
        outbox.stop();
        const Lines all = gateway.lines();
        const auto mark =
            std::ranges::find_if(all, [](const auto& line) { return line.rfind("begin list", 0) == 0; });
        return mark == all.end() ? all : Lines(mark + 1, all.end());
    }

    // The ways to each state.
    void registered() const {
        ask("r", R"({"request":"register","username":"alice"})");
        session->registered();
    }
    void resolving() const {
        registered();
        ask("c", R"({"request":"call","username":"bob"})", offer);
    }
    void ringing_out() const {
        resolving();
        session->proceeding({"call-1", peer, 7});
        session->ringing();
    }
    void ringing_in() const {
        registered();
        session->incoming({"call-1", "bob", "alice", peer, 7, offer});
    }
    void talking() const {
        ringing_out();
        session->accepted(answer);
    }
    void talking_as_callee() const {
        ringing_in();
        ask("a", R"({"request":"accept"})", answer);
    }
    [[nodiscard]] std::string state() const {
        return json_string_value(json_object_get(session->info().get(), "state"));
    }
};

using Way = void (World::*)() const;
/// Every state with a call in it.
constexpr Way in_call[] = {&World::resolving, &World::ringing_out, &World::ringing_in, &World::talking,
                           &World::talking_as_callee};

/// Each test of a state gets a world of its own.
void in_each_call(const std::function<void(World&)>& test) {
    for (const Way way : in_call) {
        World world;
        (world.*way)();
        world.begin();
        test(world);
    }
}

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
    world.session->registered();
    ck_assert(same(world.host.lines, {"register alice"}));
    ck_assert(same(world.finish(), {"t2 list alice carol", "t1 registered username=alice"}));
    ck_assert(same(world.gateway.notified(), {R"({"event":"registered","username":"alice"})"}));
}
END_TEST

START_TEST(a_taken_name_is_476_and_another_may_be_tried) {
    World world;
    world.ask("t1", R"({"request":"register","username":"alice"})");
    world.session->refused(Reason::name_taken);
    world.ask("t2", R"({"request":"register","username":"alicia"})");
    world.session->registered();
    ck_assert(same(world.host.lines, {"register alice", "register alicia"}));
    // The words "already taken" are what VideoCall's demo page looks for.
    ck_assert(same(world.finish(), {"t1 error 476 name-taken: Username 'alice' already taken",
                                    "t2 registered username=alicia"}));
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
    world.session->registered();
    world.ask("t3", R"({"request":"register","username":"alice"})");
    ck_assert(same(world.host.lines, {"register alice"}));
    ck_assert(same(world.finish(), {"t2 error 477 already-registered: Already registered (alice)",
                                    "t1 registered username=alice",
                                    "t3 error 477 already-registered: Already registered (alice)"}));
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

// ---- call

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

// ---- incoming, accept

START_TEST(an_incoming_call_rings) {
    World world;
    world.registered();
    world.begin();
    world.session->incoming({"call-9", "bob", "alice", peer, 7, offer});
    ck_assert(same(world.state(), "ringing-in"));
    ck_assert(same(world.host.lines, {"ringing call-9"}));
    ck_assert(same(world.finish(), {"- incomingcall username=bob +offer"}));
    ck_assert(same(world.gateway.jseps().back(), offer));
}
END_TEST

START_TEST(who_has_no_name_cannot_be_called) {
    World world;
    world.ask("r", R"({"request":"register","username":"alice"})");
    world.begin();
    world.session->incoming({"call-9", "bob", "alice", peer, 7, offer});
    ck_assert(same(world.host.lines, {"bye call-9 unknown-user"}));
    ck_assert(same(world.finish(), {}));
}
END_TEST

START_TEST(a_call_that_comes_while_the_old_media_is_closing_waits_and_rings) {
    World world;
    world.talking();
    world.ask("h", R"({"request":"hangup"})");
    world.begin();
    world.session->incoming({"call-9", "carol", "alice", peer, 8, offer});
    ck_assert(same(world.host.lines, {}));
    world.session->media_gone();  // of the old call
    ck_assert(same(world.host.lines, {"ringing call-9"}));
    ck_assert(same(world.state(), "ringing-in"));
    world.session->media_gone();  // of the new one
    ck_assert(same(world.host.lines, {"ringing call-9", "bye call-9 media-lost: Remote WebRTC hangup"}));
    ck_assert(same(world.finish(), {"- incomingcall username=carol +offer"}));
}
END_TEST

START_TEST(a_call_rings_at_last_when_nobody_tells_that_the_old_media_is_gone) {
    World world;
    world.talking();
    world.session->ended(Reason::hangup, "bye");
    world.begin();
    world.session->incoming({"call-9", "carol", "alice", peer, 8, offer});
    ck_assert(same(world.host.lines, {}));
    world.host.later();
    ck_assert(same(world.host.lines, {"ringing call-9"}));
    ck_assert(same(world.finish(), {"- incomingcall username=carol +offer"}));
}
END_TEST

START_TEST(a_waiting_call_that_is_given_up_never_rings) {
    World world;
    world.talking();
    world.session->ended(Reason::hangup, "bye");
    world.session->incoming({"call-9", "carol", "alice", peer, 8, offer});
    world.session->ended(Reason::hangup, "never mind");
    world.begin();
    world.session->media_gone();
    world.host.later();
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(world.state(), "idle"));
    ck_assert(same(world.finish(), {}));
}
END_TEST

START_TEST(a_new_offer_means_that_the_old_media_is_gone) {
    World world;
    world.talking();
    world.ask("h", R"({"request":"hangup"})");
    world.ask("c", R"({"request":"call","username":"bob"})", offer);
    world.host.later();
    world.begin();
    world.session->media_gone();
    ck_assert(same(world.host.lines, {"bye call-2 media-lost: Remote WebRTC hangup"}));
    ck_assert(same(world.finish(), {}));
}
END_TEST

START_TEST(who_is_in_a_call_is_busy) {
    in_each_call([](World& world) {
        const auto state = world.state();
        world.session->incoming({"call-9", "carol", "alice", peer, 8, offer});
        ck_assert(same(world.host.lines, {"bye call-9 busy"}));
        ck_assert(same(world.state(), state));
        ck_assert(same(world.session->call(), "call-1"));
        ck_assert(same(world.finish(), {}));
    });
}
END_TEST

START_TEST(an_incoming_call_without_an_offer_does_not_ring) {
    for (const char* nonsense : {"", "{}", "7", R"({"type":"offer","sdp":"nonsense"})"}) {
        World world;
        world.registered();
        world.begin();
        world.session->incoming({"call-9", "bob", "alice", peer, 7, nonsense});
        ck_assert(same(world.state(), "idle"));
        ck_assert(same(world.host.lines, {"bye call-9 protocol-error"}));
        ck_assert(same(world.finish(), {}));
    }
}
END_TEST

START_TEST(accepting_carries_the_answer_and_opens_the_lane) {
    World world;
    world.ringing_in();
    world.begin();
    world.ask("t", R"({"request":"accept"})", answer);
    ck_assert(same(world.state(), "talking"));
    ck_assert(world.session->media().connected());
    ck_assert(same(world.host.lines, {"lane 7 to ab", "accept call-1"}));
    ck_assert(same(world.host.jseps, {answer}));
    ck_assert(same(world.finish(), {"t accepted"}));
}
END_TEST

START_TEST(accepting_nothing_is_481) {
    for (const Way way : {&World::registered, &World::resolving, &World::ringing_out, &World::talking,
                          &World::talking_as_callee}) {
        World world;
        (world.*way)();
        world.begin();
        world.ask("t", R"({"request":"accept"})", answer);
        ck_assert(same(world.host.lines, {}));
        ck_assert(same(world.finish(), {"t error 481 no-call: No incoming call to accept"}));
    }
}
END_TEST

START_TEST(accepting_without_an_sdp_is_482_with_nonsense_483_and_it_rings_on) {
    World world;
    world.ringing_in();
    world.begin();
    world.ask("t1", R"({"request":"accept"})");
    world.ask("t2", R"({"request":"accept"})", R"({"type":"answer","sdp":"nonsense"})");
    ck_assert(same(world.state(), "ringing-in"));
    world.ask("t3", R"({"request":"accept"})", answer);
    ck_assert(same(world.finish(), {"t1 error 482 missing-sdp: Missing SDP",
                                    "t2 error 483 invalid-sdp: Invalid SDP", "t3 accepted"}));
}
END_TEST

START_TEST(accepting_what_can_have_no_lane_is_499_and_ends_the_call) {
    World world;
    world.ringing_in();
    world.begin();
    world.host.lanes_full = true;
    world.ask("t", R"({"request":"accept"})", answer);
    ck_assert(same(world.state(), "idle"));
    ck_assert(same(world.host.lines, {"lane 7 to ab", "bye call-1 trunk-failed"}));
    ck_assert(
        same(world.finish(),
             {"t error 499 trunk-failed: No media path could be made between the two servers.", "close_pc"}));
}
END_TEST

// ---- set

START_TEST(set_mutes_and_a_picture_that_comes_back_needs_a_keyframe) {
    World world;
    world.talking();
    world.begin();
    world.ask("t1", R"({"request":"set","audio":false,"video":false})");
    ck_assert(!world.session->media().audio_active);
    ck_assert(!world.session->media().video_active);
    world.ask("t2", R"({"request":"set","audio":true})");
    ck_assert(world.session->media().audio_active);
    ck_assert(!world.session->media().video_active);
    world.ask("t3", R"({"request":"set","video":true})");
    world.ask("t4", R"({"request":"set","video":true})");
    ck_assert(same(world.finish(), {"t1 set", "t2 set", "pli", "t3 set", "t4 set"}));
}
END_TEST

START_TEST(set_tells_the_browser_its_cap) {
    World world;
    world.talking();
    world.begin();
    world.ask("t1", R"({"request":"set","bitrate":128000})");
    world.ask("t2", R"({"request":"set","bitrate":0})");
    ck_assert(same(world.finish(), {"remb 128000", "t1 set", "remb 10000000", "t2 set"}));
    ck_assert(
        same(world.gateway.notified(),
             {R"({"event":"registered","username":"alice"})", R"({"event":"calling","username":"bob"})",
              R"({"event":"accepted","username":"bob"})", R"({"event":"configured","bitrate":"128000"})",
              R"({"event":"configured","bitrate":"0"})"}));
}
END_TEST

START_TEST(set_with_something_wrong_in_it_changes_nothing) {
    World world;
    world.talking();
    world.begin();
    world.ask("t1", R"({"request":"set","audio":false,"bitrate":"much"})");
    world.ask("t2", R"({"request":"set","video":false,"audio":0})");
    world.ask("t3", R"({"request":"set","video":false,"record":true})");
    world.ask("t4", R"({"request":"set","video":false})",
              R"({"type":"offer","sdp":"nonsense","update":true})");
    ck_assert(world.session->media().audio_active);
    ck_assert(world.session->media().video_active);
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(
        world.finish(),
        {"t1 error 474 invalid-element: Invalid element (bitrate should be a positive integer of 32 bits)",
         "t2 error 474 invalid-element: Invalid element (audio should be a boolean)",
         "t3 error 474 not-available: Invalid element (record is not available in this version)",
         "t4 error 483 invalid-sdp: Invalid SDP"}));
}
END_TEST

START_TEST(set_renegotiates_while_talking) {
    World world;
    world.talking();
    world.begin();
    world.ask("t1", R"({"request":"set"})", renegotiation);
    ck_assert(same(world.host.lines, {"update call-1"}));
    ck_assert(same(world.host.jseps, {offer}));
    world.ask("t2", R"({"request":"set"})", offer);  // Janus saw no renegotiation in it
    world.session->updated(answer);
    ck_assert_uint_eq(world.host.lines.size(), 1);
    ck_assert(same(world.finish(), {"t1 set", "t2 set", "- update +answer"}));
}
END_TEST

START_TEST(set_without_a_call_is_answered_and_renegotiates_nothing) {
    for (const Way way : {&World::registered, &World::resolving, &World::ringing_out, &World::ringing_in}) {
        World world;
        (world.*way)();
        world.begin();
        world.ask("t", R"({"request":"set","audio":false})", renegotiation);
        ck_assert(same(world.host.lines, {}));
        ck_assert(same(world.finish(), {"t set"}));
    }
}
END_TEST

START_TEST(the_next_call_begins_with_fresh_controls) {
    World world;
    world.talking();
    world.ask("t1", R"({"request":"set","audio":false,"video":false,"bitrate":1})");
    world.session->ended(Reason::hangup, {});
    ck_assert(world.session->media().audio_active);
    ck_assert(world.session->media().video_active);
    ck_assert_uint_eq(world.session->media().bitrate, 0);
}
END_TEST

// ---- The end of a call

START_TEST(hanging_up_without_a_call_is_answered) {
    World world;
    world.registered();
    world.begin();
    world.ask("t", R"({"request":"hangup"})");
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(world.finish(), {"t hangup username=alice reason=Explicit hangup", "close_pc"}));
}
END_TEST

START_TEST(a_call_may_be_hung_up_in_every_state) {
    in_each_call([](World& world) {
        world.ask("t", R"({"request":"hangup"})");
        ck_assert(same(world.state(), "idle"));
        ck_assert(!world.session->media().connected());
        ck_assert(world.host.lane.expired());
        ck_assert(same(world.host.lines, {"bye call-1 hangup: We did the hangup"}));
        ck_assert(same(world.finish(), {"t hangup username=alice reason=Explicit hangup", "close_pc"}));
    });
}
END_TEST

START_TEST(the_other_side_hears_why) {
    World world;
    world.talking();
    world.begin();
    world.ask("t", R"({"request":"hangup","reason":"dinner"})");
    ck_assert(same(world.host.lines, {"bye call-1 hangup: dinner"}));
}
END_TEST

START_TEST(a_call_that_the_other_side_ends_is_told) {
    for (const Way way :
         {&World::ringing_out, &World::ringing_in, &World::talking, &World::talking_as_callee}) {
        World world;
        (world.*way)();
        world.begin();
        world.session->ended(Reason::hangup, "dinner");
        ck_assert(same(world.state(), "idle"));
        ck_assert(world.host.lane.expired());
        ck_assert(same(world.host.lines, {}));
        ck_assert(
            same(world.finish(), {"- hangup username=bob reason=dinner reason_code=hangup", "close_pc"}));
    }
}
END_TEST

START_TEST(an_end_without_words_has_the_reasons_sentence) {
    World world;
    world.ringing_out();
    world.begin();
    world.session->ended(Reason::timeout, {});
    ck_assert(
        same(world.finish(),
             {"- hangup username=bob reason=Nobody answered in time. reason_code=timeout", "close_pc"}));
}
END_TEST

START_TEST(after_a_call_comes_the_next) {
    in_each_call([](World& world) {
        world.session->ended(Reason::hangup, {});
        world.host.lines.clear();
        world.ask("t1", R"({"request":"call","username":"carol"})", offer);
        world.session->ended(Reason::unknown_user, {});
        world.session->incoming({"call-9", "dave", "alice", peer, 9, offer});
        world.ask("t2", R"({"request":"accept"})", answer);
        ck_assert(same(world.host.lines, {"call carol", "ringing call-9", "lane 9 to ab", "accept call-9"}));
        ck_assert(same(world.state(), "talking"));
    });
}
END_TEST

START_TEST(a_browser_that_is_gone_ends_the_call) {
    in_each_call([](World& world) {
        world.session->media_gone();
        world.session->media_gone();
        ck_assert(same(world.state(), "idle"));
        ck_assert(world.host.lane.expired());
        ck_assert(same(world.host.lines, {"bye call-1 media-lost: Remote WebRTC hangup"}));
        ck_assert(same(world.finish(), {}));
    });
}
END_TEST

START_TEST(without_a_call_media_may_go_unnoticed) {
    World world;
    world.registered();
    world.begin();
    world.session->media_gone();
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(world.finish(), {}));
}
END_TEST

// ---- The end of the handle

/// Whatever is still on its way to a session that was destroyed.
void come_too_late(World& world) {
    world.session->registered();
    world.session->proceeding({"call-1", peer, 7});
    world.session->ringing();
    world.session->accepted(answer);
    world.session->updated(offer);
    world.session->slow_link(true, false);
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
    world.session->registered();
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

// ---- What else there is

START_TEST(a_slow_link_is_told_as_videocall_does) {
    World world;
    world.talking();
    world.ask("s", R"({"request":"set","bitrate":64000,"audio":false})");
    world.begin();
    world.session->slow_link(true, false);
    world.session->slow_link(false, false);
    world.session->slow_link(true, true);
    world.session->slow_link(false, true);
    ck_assert(
        same(world.finish(), {"- slow_link media=video current-bitrate=64000", "- slow_link media=audio"}));
}
END_TEST

START_TEST(every_answer_has_the_transaction_of_its_request) {
    World world;
    world.ask("t1", R"({"request":"register","username":"alice"})");
    world.ask("t2", R"({"request":"nonsense"})");
    world.session->registered();
    world.ask("t3", R"({"request":"call","username":"bob"})", offer);
    world.ask("t4", R"({"request":"set"})");
    world.session->proceeding({"call-1", peer, 7});
    world.session->ringing();
    world.ask("t5", R"({"request":"accept"})", answer);
    world.session->accepted(answer);
    world.ask("t6", R"({"request":"hangup"})");
    ck_assert(same(
        world.finish(),
        {"t2 error 472 unknown-request: Unknown request (nonsense)", "t1 registered username=alice", "t4 set",
         "t3 calling username=bob", "t5 error 481 no-call: No incoming call to accept",
         "- accepted username=bob +answer", "t6 hangup username=alice reason=Explicit hangup", "close_pc"}));
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
                                    R"({"request":"set","substream":2})",
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

START_TEST(info_tells_the_state_of_the_call) {
    World world;
    const auto text = [&](const char* key) {
        const auto info = world.session->info();
        const char* value = json_string_value(json_object_get(info.get(), key));
        return std::string{value ? value : ""};
    };
    ck_assert(same(text("state"), "idle"));
    ck_assert(same(text("username"), ""));
    world.talking();
    ck_assert(same(text("state"), "talking"));
    ck_assert(same(text("username"), "alice"));
    ck_assert(same(text("peer"), "bob"));
    ck_assert(same(text("call"), "call-1"));
    ck_assert(same(text("server"), peer.hex()));
    const auto info = world.session->info();
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(info.get(), "lane"), "id")), 7);
    world.session->ended(Reason::hangup, {});
    ck_assert(same(text("state"), "idle"));
    ck_assert(same(text("call"), ""));
    ck_assert(same(text("server"), ""));
    ck_assert(json_object_get(world.session->info().get(), "lane") == nullptr);
}
END_TEST

START_TEST(info_may_be_asked_for_from_another_thread) {
    World world;
    world.registered();
    std::atomic<bool> stop{false};
    std::thread reader{[&] {
        while (!stop) ck_assert(json_object_get(world.session->info().get(), "state"));
    }};
    for (int i = 0; i < 200; ++i) {
        world.session->incoming({"call-1", "bob", "alice", peer, 7, offer});
        world.ask("a", R"({"request":"accept"})", answer);
        world.session->ended(Reason::hangup, {});
    }
    stop = true;
    reader.join();
}
END_TEST

}  // namespace

int main() {
    return run_suite("session", {list_tells_the_users_of_this_server,
                                 a_registration_is_answered_when_the_federation_has_decided,
                                 a_taken_name_is_476_and_another_may_be_tried,
                                 a_name_that_nobody_could_have_is_474,
                                 any_other_refusal_is_499_with_its_word,
                                 a_second_name_is_477,
                                 a_name_lost_later_is_told_without_a_transaction,
                                 calling_without_a_name_is_473,
                                 calling_nobody_is_475_and_closes_what_the_browser_opened,
                                 calling_oneself_is_479,
                                 a_second_call_is_480_and_leaves_the_first_alone,
                                 a_call_without_an_sdp_is_482_and_with_nonsense_483,
                                 a_call_carries_the_offer_and_what_belongs_to_it,
                                 an_unknown_callee_is_478,
                                 an_unreachable_callee_is_478_with_the_reason,
                                 a_busy_callee_is_a_hangup_and_no_error,
                                 a_ringing_phone_is_told_to_the_caller,
                                 an_accepted_call_has_the_answer_and_a_lane,
                                 a_call_that_can_have_no_lane_ends,
                                 an_answer_that_is_none_ends_the_call,
                                 an_incoming_call_rings,
                                 who_has_no_name_cannot_be_called,
                                 a_call_that_comes_while_the_old_media_is_closing_waits_and_rings,
                                 a_call_rings_at_last_when_nobody_tells_that_the_old_media_is_gone,
                                 a_waiting_call_that_is_given_up_never_rings,
                                 a_new_offer_means_that_the_old_media_is_gone,
                                 who_is_in_a_call_is_busy,
                                 an_incoming_call_without_an_offer_does_not_ring,
                                 accepting_carries_the_answer_and_opens_the_lane,
                                 accepting_nothing_is_481,
                                 accepting_without_an_sdp_is_482_with_nonsense_483_and_it_rings_on,
                                 accepting_what_can_have_no_lane_is_499_and_ends_the_call,
                                 set_mutes_and_a_picture_that_comes_back_needs_a_keyframe,
                                 set_tells_the_browser_its_cap,
                                 set_with_something_wrong_in_it_changes_nothing,
                                 set_renegotiates_while_talking,
                                 set_without_a_call_is_answered_and_renegotiates_nothing,
                                 the_next_call_begins_with_fresh_controls,
                                 hanging_up_without_a_call_is_answered,
                                 a_call_may_be_hung_up_in_every_state,
                                 the_other_side_hears_why,
                                 a_call_that_the_other_side_ends_is_told,
                                 an_end_without_words_has_the_reasons_sentence,
                                 after_a_call_comes_the_next,
                                 a_browser_that_is_gone_ends_the_call,
                                 without_a_call_media_may_go_unnoticed,
                                 destroying_gives_everything_back_in_every_state,
                                 destroying_without_a_call_withdraws_the_name,
                                 destroying_withdraws_a_name_that_is_only_asked_for,
                                 destroying_who_never_registered_tells_nobody,
                                 the_handle_is_released_without_a_destroy_too,
                                 a_slow_link_is_told_as_videocall_does,
                                 every_answer_has_the_transaction_of_its_request,
                                 whatever_a_client_sends_gets_one_answer_and_changes_nothing,
                                 info_tells_the_state_of_the_call,
                                 info_may_be_asked_for_from_another_thread});
}
