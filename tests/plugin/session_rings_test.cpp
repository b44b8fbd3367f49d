// SPDX-License-Identifier: GPL-3.0-or-later
/// Calls that come in: ringing, accepting, declining.
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

}  // namespace

int main() {
    return run_suite(
        "session_rings",
        {an_incoming_call_rings, who_has_no_name_cannot_be_called,
         a_call_that_comes_while_the_old_media_is_closing_waits_and_rings,
         a_call_rings_at_last_when_nobody_tells_that_the_old_media_is_gone,
         a_waiting_call_that_is_given_up_never_rings, a_new_offer_means_that_the_old_media_is_gone,
         of_two_who_call_each_other_the_name_that_sorts_first_goes_on,
         of_two_who_call_each_other_the_other_is_rung_instead,
         who_is_called_from_elsewhere_under_the_same_name_is_busy,
         an_answer_that_leaves_nothing_of_the_offer_ends_the_call, event_handlers_hear_one_word_for_every_end,
         who_is_in_a_call_is_busy, an_incoming_call_without_an_offer_does_not_ring,
         accepting_carries_the_answer_and_opens_the_lane, accepting_nothing_is_481,
         accepting_without_an_sdp_is_482_with_nonsense_483_and_it_rings_on,
         accepting_what_can_have_no_lane_is_499_and_ends_the_call,
         declining_tells_the_caller_why_and_ends_the_call,
         there_is_nothing_to_decline_but_a_call_that_rings});
}
