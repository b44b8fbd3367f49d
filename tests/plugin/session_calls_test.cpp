// SPDX-License-Identifier: GPL-3.0-or-later
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
using tests::Way;
using tests::World;

namespace {

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
    ck_assert(same(world.finish(), {"c hangup username=alice reason=WebRTC hangup reason_code=media-lost"}));
}
END_TEST

START_TEST(of_two_who_call_each_other_the_name_that_sorts_first_goes_on) {
    for (const Way way : {&World::resolving, &World::ringing_out}) {
        World alice;  // calls bob
        (alice.*way)();
        alice.begin();
        alice.session->incoming({"call-9", "bob", "alice", peer, 8, offer});
        ck_assert(same(alice.host.lines, {"bye call-9 crossed"}));
        ck_assert(same(alice.session->call(), "call-1"));
        ck_assert(same(alice.finish(), {}));
    }
}
END_TEST

START_TEST(of_two_who_call_each_other_the_other_is_rung_instead) {
    for (const bool rang : {false, true}) {
        World bob;
        bob.ask("r", R"({"request":"register","username":"bob"})");
        bob.session->registered("70ce");
        bob.ask("c", R"({"request":"call","username":"alice@)" + peer.hex() + "\"}", offer);
        if (rang) {
            bob.session->proceeding({"call-1", peer, 7});
            bob.session->ringing();
        }
        bob.begin();
        bob.session->incoming({"call-9", "alice", "bob", peer, 8, offer});
        ck_assert(same(bob.state(), "ringing-in"));
        ck_assert(same(bob.host.lines, {"bye call-1 crossed"}));
        bob.session->media_gone();  // of bob's own call
        ck_assert(same(bob.host.lines, {"bye call-1 crossed", "ringing call-9"}));
        const std::string why =
            "reason=Both called each other at the same time: the other call goes on. reason_code=crossed";
        ck_assert(same(bob.finish(), {rang ? "- hangup username=alice@" + peer.hex() + " " + why
                                           : "c hangup username=bob " + why,
                                      "close_pc", "- incomingcall username=alice +offer"}));
    }
}
END_TEST

START_TEST(who_is_called_from_elsewhere_under_the_same_name_is_busy) {
    World bob;
    bob.ask("r", R"({"request":"register","username":"bob"})");
    bob.session->registered("70ce");
    bob.ask("c", R"({"request":"call","username":"alice"})", offer);
    bob.session->proceeding({"call-1", peer, 7});
    bob.begin();
    const auto stranger = *dht::NodeId::from_hex("cd00000000000000000000000000000000000000");
    bob.session->incoming({"call-9", "alice", "bob", stranger, 8, offer});
    ck_assert(same(bob.host.lines, {"bye call-9 busy"}));
}
END_TEST

START_TEST(an_answer_that_leaves_nothing_of_the_offer_ends_the_call) {
    World world;
    world.ringing_in();
    world.begin();
    const std::string rejects =
        R"({"type":"answer","sdp":"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n)"
        R"(m=audio 0 UDP/TLS/RTP/SAVPF 111\r\nm=video 9 UDP/TLS/RTP/SAVPF 97\r\n"})";
    world.ask("t", R"({"request":"accept"})", rejects);
    ck_assert(same(world.state(), "idle"));
    ck_assert(same(world.host.lines, {"bye call-1 incompatible-codecs"}));
    ck_assert(
        same(world.finish(),
             {"t error 499 incompatible-codecs: The two browsers have no encoding in common.", "close_pc"}));
}
END_TEST

START_TEST(event_handlers_hear_one_word_for_every_end) {
    const auto last = [](World& world) {
        world.finish();
        const auto told = plugin::load(world.gateway.notified().back());
        return std::string{json_string_value(json_object_get(told.get(), "reason_code"))};
    };
    in_each_call([&](World& world) {
        world.ask("t", R"({"request":"hangup"})");
        ck_assert(same(last(world), "hangup"));
    });
    in_each_call([&](World& world) {
        world.session->media_gone();
        ck_assert(same(last(world), "media-lost"));
    });
    in_each_call([&](World& world) {
        world.session->ended(Reason::server_unreachable, {});
        ck_assert(same(last(world), "server-unreachable"));
    });
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

START_TEST(declining_tells_the_caller_why_and_ends_the_call) {
    World world;
    world.ringing_in();
    world.begin();
    world.ask("t", R"({"request":"decline","reason":"in a meeting"})");
    ck_assert(same(world.state(), "idle"));
    ck_assert(same(world.host.lines, {"bye call-1 declined: in a meeting"}));
    ck_assert(same(world.finish(), {"t declined username=bob", "close_pc"}));
}
END_TEST

START_TEST(there_is_nothing_to_decline_but_a_call_that_rings) {
    for (const Way way : {&World::registered, &World::resolving, &World::ringing_out, &World::talking}) {
        World world;
        (world.*way)();
        const auto state = world.state();
        world.begin();
        world.ask("t", R"({"request":"decline"})");
        ck_assert(same(world.state(), state));
        ck_assert(same(world.host.lines, {}));
        ck_assert(same(world.finish(), {"t error 481 no-call: No incoming call to decline"}));
    }
}
END_TEST

// ---- The end of a call

START_TEST(hanging_up_without_a_call_is_answered) {
    World world;
    world.registered();
    world.begin();
    world.ask("t", R"({"request":"hangup"})");
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(world.finish(), {"t hangup username=alice reason=Explicit hangup"}));
}
END_TEST

START_TEST(a_call_may_be_hung_up_in_every_state) {
    in_each_call([](World& world) {
        const bool unanswered = world.state() == "resolving";
        world.ask("t", R"({"request":"hangup"})");
        ck_assert(same(world.state(), "idle"));
        ck_assert(!world.session->media().connected());
        ck_assert(world.host.lane.expired());
        ck_assert(same(world.host.lines, {"bye call-1 hangup: We did the hangup"}));
        auto lines = world.finish();
        const std::string answered = "c hangup username=alice reason=Explicit hangup reason_code=hangup";
        ck_assert(std::erase(lines, answered) == (unanswered ? 1U : 0U));
        ck_assert(same(lines, {"t hangup username=alice reason=Explicit hangup", "close_pc"}));
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
        auto lines = world.finish();
        std::erase(lines, "c hangup username=alice reason=WebRTC hangup reason_code=media-lost");
        ck_assert(same(lines, {}));
    });
}
END_TEST

START_TEST(an_offer_that_janus_does_not_take_yet_is_pushed_again) {
    World world;
    world.registered();
    world.begin();
    world.gateway.refusals = 3;
    world.session->incoming({"call-9", "bob", "alice", peer, 7, offer});
    ck_assert(same(world.finish(), {"- incomingcall username=bob +offer"}));
    ck_assert(same(world.state(), "ringing-in"));
}
END_TEST

START_TEST(an_offer_that_janus_never_takes_ends_the_call) {
    World world;
    world.registered();
    world.begin();
    world.gateway.refusals = 1000;
    world.session->incoming({"call-9", "bob", "alice", peer, 7, offer});
    ck_assert(same(world.finish(), {}));
    world.host.posted();
    ck_assert(same(world.state(), "idle"));
    ck_assert(same(world.host.lines,
                   {"ringing call-9", "bye call-9 media-lost: Janus did not take the description."}));
}
END_TEST

START_TEST(a_data_channel_that_loses_something_ends_the_call) {
    World world;
    world.talking();
    world.begin();
    const auto lane = world.host.lane.lock();
    lane->data_verdict = gst::DataVerdict::full;
    char text[] = "x";
    janus_plugin_data message{};
    message.buffer = text;
    message.length = 1;
    world.session->media().incoming_data(message);
    ck_assert(same(world.finish(), {}));  // what tells us has run
    world.host.posted();
    ck_assert(same(world.state(), "idle"));
    ck_assert(
        same(world.host.lines, {"bye call-1 too-many: A data channel took more than could be delivered."}));
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

}  // namespace

int main() {
    return run_suite("session_calls", {calling_without_a_name_is_473,
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
                                       of_two_who_call_each_other_the_name_that_sorts_first_goes_on,
                                       of_two_who_call_each_other_the_other_is_rung_instead,
                                       who_is_called_from_elsewhere_under_the_same_name_is_busy,
                                       an_answer_that_leaves_nothing_of_the_offer_ends_the_call,
                                       event_handlers_hear_one_word_for_every_end,
                                       who_is_in_a_call_is_busy,
                                       an_incoming_call_without_an_offer_does_not_ring,
                                       accepting_carries_the_answer_and_opens_the_lane,
                                       accepting_nothing_is_481,
                                       accepting_without_an_sdp_is_482_with_nonsense_483_and_it_rings_on,
                                       accepting_what_can_have_no_lane_is_499_and_ends_the_call,
                                       declining_tells_the_caller_why_and_ends_the_call,
                                       there_is_nothing_to_decline_but_a_call_that_rings,
                                       hanging_up_without_a_call_is_answered,
                                       a_call_may_be_hung_up_in_every_state,
                                       the_other_side_hears_why,
                                       a_call_that_the_other_side_ends_is_told,
                                       an_end_without_words_has_the_reasons_sentence,
                                       after_a_call_comes_the_next,
                                       a_browser_that_is_gone_ends_the_call,
                                       a_data_channel_that_loses_something_ends_the_call,
                                       an_offer_that_janus_does_not_take_yet_is_pushed_again,
                                       an_offer_that_janus_never_takes_ends_the_call,
                                       without_a_call_media_may_go_unnoticed});
}
