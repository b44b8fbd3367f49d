// SPDX-License-Identifier: GPL-3.0-or-later
#include <string>

#include "plugin/session.h"
#include "tests/check.h"
#include "tests/plugin/session_world.h"

using federation::Reason;
using tests::answer;
using tests::offer;
using tests::peer;
using tests::same;
using tests::sdp;
using tests::World;

namespace {

const std::string candidate = R"({"candidate":"candidate:1 1 udp 1 192.0.2.1 5000 typ host","sdpMid":"0"})";

/// A world whose ways lead into direct calls.
struct Direct : World {
    void registered() const {
        ask("r", R"({"request":"register","username":"alice","direct":true})");
        session->registered("70ce");
    }
    void calling() const {
        registered();
        ask("c", R"({"request":"call","username":"bob","media":"direct","description":)" + offer + "}");
        session->proceeding({"call-1", peer, 7});
        session->ringing();
    }
    void ringing_in() const {
        registered();
        session->incoming({"call-1", "bob", "alice", peer, 7, offer, true});
    }
    void talking() const {
        calling();
        session->accepted(answer, true);
    }
    void talking_as_callee() const {
        ringing_in();
        ask("a", R"({"request":"accept","description":)" + answer + "}");
    }
    [[nodiscard]] std::string media() const {
        const auto info = session->info();
        const char* way = json_string_value(json_object_get(info.get(), "media"));
        return way ? way : "";
    }
};

START_TEST(a_direct_call_carries_a_description_and_opens_no_lane) {
    Direct world;
    world.registered();
    world.begin();
    world.ask("c", R"({"request":"call","username":"bob","media":"direct","description":)" + offer + "}");
    ck_assert(same(world.host.lines, {"call bob directly"}));
    ck_assert(same(world.host.jseps, {offer}));
    world.session->proceeding({"call-1", peer, 7});
    world.session->ringing();
    world.session->accepted(answer, true);
    ck_assert(same(world.state(), "talking") && same(world.media(), "direct"));
    ck_assert(!world.session->media().connected());
    ck_assert(same(world.host.lines, {"call bob directly"}));
    ck_assert(same(world.finish(),
                   {"c calling username=bob", "- accepted username=bob media=direct description=" + answer}));
}
END_TEST

START_TEST(what_is_wrong_with_a_description_is_told) {
    Direct world;
    world.registered();
    world.begin();
    const std::string call = R"({"request":"call","username":"bob","media":)";
    world.ask("t1", call + R"("direct"})");
    world.ask("t2", call + R"("direct","description":)" + answer + "}");
    world.ask("t3", call + R"("direct","description":{"type":"offer","sdp":"nonsense"}})");
    world.ask("t4", call + R"("telepathy","description":)" + offer + "}");
    ck_assert(same(world.host.lines, {}));
    ck_assert(
        same(world.finish(),
             {"t1 error 482 missing-sdp: Missing description",
              "t2 error 483 invalid-sdp: Invalid description (type answer)",
              "t3 error 483 invalid-sdp: Invalid SDP",
              "t4 error 474 invalid-element: Invalid element (media should be \"direct\" or \"bridged\")"}));
}
END_TEST

START_TEST(a_direct_call_comes_in_and_is_accepted) {
    Direct world;
    world.registered();
    world.begin();
    world.session->incoming({"call-1", "bob", "alice", peer, 7, offer, true});
    world.ask("t1", R"({"request":"accept"})", answer);
    world.ask("t2", R"({"request":"accept","description":)" + answer + "}");
    ck_assert(same(world.host.lines, {"ringing call-1", "accept call-1 directly"}));
    ck_assert(same(world.host.jseps, {answer}));
    ck_assert(same(world.state(), "talking") && !world.session->media().connected());
    const auto lines = world.finish();
    ck_assert(same({lines.begin(), lines.begin() + 3},
                   {"- incomingcall username=bob media=direct description=" + offer,
                    "t1 error 482 missing-sdp: Missing description: this call is direct", "t2 accepted"}));
}
END_TEST

START_TEST(a_client_that_knows_no_direct_calls_gets_one_as_videocall_has_it) {
    World world;
    world.registered();
    world.begin();
    world.session->incoming({"call-1", "bob", "alice", peer, 7, offer, true});
    ck_assert(same(world.host.lines, {"bridge call-1"}));
    world.ask("t1", R"({"request":"accept"})", answer);  // of what?
    world.session->bridge(offer);
    world.ask("t2", R"({"request":"accept"})", answer);
    ck_assert(same(world.host.lines, {"bridge call-1", "ringing call-1", "lane 7 to ab", "accept call-1"}));
    ck_assert(same(world.finish(), {"t1 error 481 no-call: No incoming call to accept",
                                    "- incomingcall username=bob +offer", "t2 accepted"}));
}
END_TEST

START_TEST(candidates_pass_both_ways) {
    Direct world;
    world.calling();
    world.begin();
    world.ask("t1", R"({"request":"candidate","candidate":)" + candidate + "}");
    world.session->accepted(answer, true);
    world.ask("t2", R"({"request":"candidate","candidate":null})");
    world.session->candidate(candidate);
    world.session->candidate("");
    world.session->candidate(R"({"candidate":"candidate:1\r\na=evil"})");
    ck_assert(same(world.host.lines, {"candidate call-1 " + candidate, "candidate call-1 "}));
    ck_assert(same(world.finish(),
                   {"t1 trickled", "- accepted username=bob media=direct description=" + answer,
                    "t2 trickled", "- candidate candidate=" + candidate, "- candidate candidate=null"}));
}
END_TEST

START_TEST(there_are_only_so_many_candidates_for_a_description) {
    Direct world;
    world.talking();
    world.begin();
    const std::string request = R"({"request":"candidate","candidate":)" + candidate + "}";
    for (std::size_t i = 0; i < federation::candidates_max; ++i) world.ask("t", request);
    world.ask("beyond", request);
    ck_assert(world.host.lines.size() == federation::candidates_max);
    world.ask("anew", R"({"request":"set","description":)" + offer + "}");
    world.ask("again", request);
    ck_assert(same({world.host.lines.end() - 2, world.host.lines.end()},
                   {"update call-1 directly", "candidate call-1 " + candidate}));
    const auto lines = world.finish();
    ck_assert(same({lines.end() - 3, lines.end()},
                   {"beyond error 499 too-many: Too many candidates", "anew set", "again trickled"}));
}
END_TEST

START_TEST(a_candidate_needs_a_direct_call_that_was_described) {
    for (const auto way : {&World::registered, &World::ringing_in, &World::talking}) {
        World world;
        (world.*way)();
        world.begin();
        world.ask("t1", R"({"request":"candidate","candidate":)" + candidate + "}");
        world.ask("t2", R"({"request":"connected"})");
        world.ask("t3", R"({"request":"bridge"})");
        world.ask("t4", R"({"request":"set","description":)" + offer + "}");
        world.session->candidate(candidate);
        ck_assert(same(world.host.lines, {}));
        ck_assert(same(world.finish(),
                       {"t1 error 481 no-call: No direct call", "t2 error 481 no-call: No direct call",
                        "t3 error 481 no-call: No direct call to bridge",
                        "t4 error 481 no-call: No direct call to describe anew"}));
    }
    Direct world;
    world.ringing_in();
    world.begin();
    world.ask("t", R"({"request":"candidate","candidate":)" + candidate + "}");
    ck_assert(same(world.finish(), {"t error 481 no-call: No direct call"}));
}
END_TEST

START_TEST(browsers_that_connect_are_left_alone) {
    Direct world;
    world.talking();
    world.begin();
    world.ask("t", R"({"request":"connected"})");
    world.host.later();
    ck_assert(same(world.state(), "talking"));
    ck_assert(same(world.host.lines, {"direct connected"}));
    ck_assert(same(world.finish(), {"t connected"}));
}
END_TEST

START_TEST(browsers_that_do_not_connect_are_bridged) {
    Direct world;
    world.talking();
    world.begin();
    world.host.later();
    world.ask("t1", R"({"request":"bridge"})");
    world.ask("t2", R"({"request":"bridge"})", answer);
    world.ask("t3", R"({"request":"bridge"})", offer);
    ck_assert(same(world.media(), "bridging"));
    world.session->bridge(answer);
    ck_assert(same(world.media(), "bridged") && world.session->media().connected());
    world.host.later();
    ck_assert(same(world.state(), "talking"));
    ck_assert(same(world.host.lines, {"bridge call-1 with", "lane 7 to ab", "direct bridged"}));
    ck_assert(same(world.finish(), {"- bridge username=bob",
                                    "t1 error 482 missing-sdp: Missing SDP: the caller bridges with an offer",
                                    "t2 error 483 invalid-sdp: Invalid SDP type (answer)", "t3 bridging",
                                    "- bridged username=bob +answer"}));
}
END_TEST

START_TEST(the_callee_answers_the_offer_to_bridge) {
    Direct world;
    world.talking_as_callee();
    world.begin();
    world.ask("t1", R"({"request":"bridge"})");
    world.ask("t2", R"({"request":"bridge"})");
    world.session->bridge(offer);
    world.session->bridge(offer);
    ck_assert(same(world.media(), "bridging"));
    world.ask("t3", R"({"request":"bridge"})", answer);
    ck_assert(same(world.media(), "bridged") && world.session->media().connected());
    ck_assert(same(world.host.lines, {"bridge call-1", "lane 7 to ab", "bridge call-1 with"}));
    ck_assert(
        same(world.finish(), {"t1 bridging", "t2 bridging", "- bridge username=bob +offer", "t3 bridged"}));
}
END_TEST

START_TEST(a_phone_that_rings_may_turn_to_a_bridged_call) {
    Direct world;
    world.ringing_in();
    world.begin();
    world.ask("t1", R"({"request":"bridge"})");
    world.session->bridge(offer);
    world.ask("t2", R"({"request":"accept","description":)" + answer + "}");
    world.ask("t3", R"({"request":"accept"})", answer);
    ck_assert(same(world.state(), "talking") && world.session->media().connected());
    ck_assert(same(world.host.lines, {"bridge call-1", "lane 7 to ab", "accept call-1"}));
    ck_assert(same(world.finish(), {"t1 bridging", "- bridge username=bob +offer",
                                    "t2 error 482 missing-sdp: Missing SDP", "t3 accepted"}));
}
END_TEST

START_TEST(a_caller_may_be_bridged_before_anybody_accepts) {
    Direct world;
    world.calling();
    world.begin();
    world.session->bridge("");
    world.session->bridge("");  // from another place
    world.ask("t", R"({"request":"bridge"})", offer);
    world.host.later();  // nothing is waited for but the callee
    world.session->accepted(answer);
    ck_assert(same(world.media(), "bridged") && world.session->media().connected());
    ck_assert(
        same(world.finish(), {"- bridge username=bob", "t bridging", "- accepted username=bob +answer"}));
}
END_TEST

START_TEST(a_callee_who_accepts_while_the_offer_is_under_way_answers_it_then) {
    Direct world;
    world.calling();
    world.ask("t", R"({"request":"bridge"})", offer);
    world.begin();
    world.session->accepted(answer, true);
    ck_assert(same(world.state(), "talking") && same(world.media(), "bridging"));
    world.session->bridge(answer);
    ck_assert(same(world.media(), "bridged"));
}
END_TEST

START_TEST(pages_that_do_not_bridge_end_the_call_with_a_reason) {
    for (const bool offered : {false, true}) {
        Direct world;
        world.talking();
        world.host.later();
        if (offered) world.ask("t", R"({"request":"bridge"})", offer);
        world.begin();
        world.host.later();
        ck_assert(same(world.state(), "idle"));
        ck_assert(same(world.host.lines, {"direct failed", "bye call-1 direct-failed"}));
        const auto lines = world.finish();
        ck_assert(same(lines.front(),
                       "- hangup username=bob reason=The two browsers could not connect to each "
                       "other. reason_code=direct-failed"));
        ck_assert(lines.size() == (offered ? 2 : 1));  // a PeerConnection that was opened is closed
    }
}
END_TEST

START_TEST(what_the_other_server_may_not_say_ends_the_call) {
    Direct early;
    early.calling();
    early.begin();
    early.session->accepted(answer);  // to what offer?
    ck_assert(same(early.host.lines, {"bye call-1 protocol-error"}));

    Direct nonsense;
    nonsense.calling();
    nonsense.begin();
    nonsense.session->accepted("{}", true);
    ck_assert(same(nonsense.host.lines, {"bye call-1 protocol-error"}));

    Direct wrong;
    wrong.talking_as_callee();
    wrong.begin();
    wrong.session->bridge(answer);
    ck_assert(same(wrong.host.lines, {"bye call-1 protocol-error"}));

    Direct callee;
    callee.registered();
    callee.begin();
    callee.session->incoming({"call-1", "bob", "alice", peer, 7, answer, true});
    ck_assert(same(callee.host.lines, {"bye call-1 protocol-error"}));
}
END_TEST

START_TEST(a_direct_call_leaves_nothing_for_the_next) {
    Direct world;
    world.talking();
    world.begin();
    world.ask("h", R"({"request":"hangup"})");
    world.host.later();  // the browsers' time, of a call that is over
    world.session->incoming({"call-9", "carol", "alice", peer, 8, offer});
    world.ask("a", R"({"request":"accept"})", answer);
    ck_assert(same(world.media(), "bridged"));
    ck_assert(same(world.host.lines, {"bye call-1 hangup: We did the hangup", "ringing call-9",
                                      "lane 8 to ab", "accept call-9"}));
    ck_assert(same(world.finish(), {"h hangup username=alice reason=Explicit hangup",
                                    "- incomingcall username=carol +offer", "a accepted"}));
}
END_TEST

START_TEST(set_describes_a_direct_call_anew) {
    Direct world;
    world.talking();
    world.begin();
    world.ask("t1", R"({"request":"set","description":)" + offer + "}");
    world.ask("t2", R"({"request":"set"})", offer);
    world.session->updated(answer, true);
    world.session->updated(answer);
    world.session->updated("{}", true);
    ck_assert(same(world.host.lines, {"update call-1 directly"}));
    ck_assert(
        same(world.finish(), {"t1 set", "t2 error 483 invalid-sdp: A direct call's description is no JSEP",
                              "- update description=" + answer}));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "session_direct",
        {a_direct_call_carries_a_description_and_opens_no_lane, what_is_wrong_with_a_description_is_told,
         a_direct_call_comes_in_and_is_accepted,
         a_client_that_knows_no_direct_calls_gets_one_as_videocall_has_it, candidates_pass_both_ways,
         there_are_only_so_many_candidates_for_a_description,
         a_candidate_needs_a_direct_call_that_was_described, browsers_that_connect_are_left_alone,
         browsers_that_do_not_connect_are_bridged, the_callee_answers_the_offer_to_bridge,
         a_phone_that_rings_may_turn_to_a_bridged_call, a_caller_may_be_bridged_before_anybody_accepts,
         a_callee_who_accepts_while_the_offer_is_under_way_answers_it_then,
         pages_that_do_not_bridge_end_the_call_with_a_reason, what_the_other_server_may_not_say_ends_the_call,
         a_direct_call_leaves_nothing_for_the_next, set_describes_a_direct_call_anew});
}
