// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/session.h"

#include "tests/check.h"
#include "tests/plugin/session_world.h"

using federation::Reason;
using tests::answer;
using tests::offer;
using tests::peer;
using tests::renegotiation;
using tests::same;
using tests::sdp;
using tests::Way;
using tests::World;

namespace {

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
    ck_assert(same(world.gateway.notified(),
                   {R"({"event":"registered","username":"alice"})", R"({"event":"calling","username":"bob"})",
                    R"({"event":"accepted","username":"bob"})",
                    R"({"event":"configured","audio_active":true,"video_active":true,"bitrate":128000})",
                    R"({"event":"configured","audio_active":true,"video_active":true,"bitrate":0})"}));
}
END_TEST

START_TEST(set_with_something_wrong_in_it_changes_nothing) {
    World world;
    world.talking();
    world.begin();
    world.ask("t1", R"({"request":"set","audio":false,"bitrate":"much"})");
    world.ask("t2", R"({"request":"set","video":false,"audio":0})");
    world.ask("t3", R"({"request":"set","video":false,"record":1})");
    world.ask("t4", R"({"request":"set","video":false})",
              R"({"type":"offer","sdp":"nonsense","update":true})");
    ck_assert(world.session->media().audio_active);
    ck_assert(world.session->media().video_active);
    ck_assert(same(world.host.lines, {}));
    ck_assert(same(
        world.finish(),
        {"t1 error 474 invalid-element: Invalid element (bitrate should be a positive integer of 32 bits)",
         "t2 error 474 invalid-element: Invalid element (audio should be a boolean)",
         "t3 error 474 invalid-element: Invalid element (record should be a boolean)",
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

START_TEST(an_update_that_is_none_is_not_pushed) {
    World world;
    world.talking();
    world.begin();
    for (const char* nonsense : {"", "{}", R"({"type":"offer"})", R"({"type":"offer","sdp":"nonsense"})"})
        world.session->updated(nonsense);
    ck_assert(same(world.finish(), {}));
}
END_TEST

START_TEST(media_follows_a_renegotiation_from_either_side) {
    const std::string three =
        R"({"type":"offer","sdp":")" + sdp + R"(m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n","update":true})";
    World world;
    world.talking();
    ck_assert_uint_eq(world.session->media().mlines().size(), 2);
    world.ask("t", R"({"request":"set"})", three);
    ck_assert_uint_eq(world.session->media().mlines().size(), 3);
    world.session->updated(answer);
    ck_assert_uint_eq(world.session->media().mlines().size(), 2);
    world.session->updated(three);
    ck_assert_uint_eq(world.session->media().mlines().size(), 3);
    ck_assert(!world.host.lane.expired());
}
END_TEST

START_TEST(a_browser_that_offers_layers_gets_their_names_back) {
    const std::string video = R"(m=video 9 UDP/TLS/RTP/SAVPF 96\r\n)",
                      name = R"(a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n)",
                      head = R"(v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n)";
    World world;
    world.registered();
    world.ask("c", R"({"request":"call","username":"bob"})",
              R"({"type":"offer","sdp":")" + head + video + name +
                  R"(","simulcast":[{"mindex":0,"rids":["h","l"],"rid-ext":10}]})");
    world.session->proceeding({"call-1", peer, 7});
    world.session->ringing();
    world.session->accepted(R"({"type":"answer","sdp":")" + head + video + "\"}");
    world.finish();
    ck_assert(
        same(world.gateway.jseps().back(), R"({"type":"answer","sdp":")" + head + video + name + "\"}"));
}
END_TEST

START_TEST(a_recording_has_videocalls_name_or_the_clients) {
    World world;
    world.talking();
    world.begin();
    world.ask("t1", R"({"request":"set","record":true})");
    ck_assert(world.session->media().recording() != nullptr);
    world.ask("t2", R"({"request":"set","record":true,"filename":"/tmp/mine"})");
    world.ask("t3", R"({"request":"set","record":false,"filename":"/tmp/mine"})");
    ck_assert(world.session->media().recording() == nullptr);
    ck_assert(same(world.host.lines, {"record videocall-alice-bob", "record /tmp/mine"}));
    ck_assert(same(world.finish(), {"pli", "t1 set", "pli", "t2 set", "t3 set"}));
}
END_TEST

START_TEST(a_name_leads_to_no_other_folder) {
    World world;
    world.ask("r", R"({"request":"register","username":"../alice"})");
    world.session->registered("70ce");
    world.session->incoming({"call-1", "b/ob", "alice", peer, 7, offer});
    world.ask("a", R"({"request":"accept"})", answer);
    world.host.lines.clear();
    world.ask("t", R"({"request":"set","record":true})");
    ck_assert(same(world.host.lines, {"record videocall-.._alice-b_ob"}));
}
END_TEST

START_TEST(without_a_call_nothing_is_recorded_and_its_end_ends_the_recording) {
    World world;
    world.registered();
    world.ask("t1", R"({"request":"set","record":true})");
    ck_assert(same(world.host.lines, {"register alice"}));
    world.ask("c", R"({"request":"call","username":"bob"})", offer);
    world.session->proceeding({"call-1", peer, 7});
    world.session->accepted(answer);
    world.ask("t2", R"({"request":"set","record":true})");
    const std::weak_ptr<plugin::Recording> recording = world.session->media().recording();
    ck_assert(!recording.expired());
    world.session->ended(Reason::hangup, {});
    ck_assert(recording.expired());
}
END_TEST

START_TEST(another_layer_needs_a_keyframe_of_the_other_browser) {
    World world;
    world.talking();
    world.begin();
    const auto lane = world.host.lane.lock();
    world.ask("t1", R"({"request":"set","substream":1})");
    world.ask("t2", R"({"request":"set","temporal":1})");
    world.ask("t3", R"({"request":"set","fallback":1000})");
    ck_assert(same(world.finish(), {"t1 set", "t2 set", "t3 set"}));
    ck_assert(same(lane->sent, {"rtcp stream=1 octets=12", "rtcp stream=1 octets=12"}));
}
END_TEST

START_TEST(a_slow_link_is_told_as_videocall_does) {
    World world;
    world.talking();
    world.ask("s", R"({"request":"set","bitrate":64000,"audio":false})");
    world.begin();
    world.session->slow_link(0, true, false);
    world.session->slow_link(0, false, false);
    world.session->slow_link(0, true, true);
    world.session->slow_link(0, false, true);
    ck_assert(
        same(world.finish(), {"- slow_link media=video current-bitrate=64000", "- slow_link media=audio"}));
}
END_TEST

START_TEST(a_user_of_a_drained_server_is_told_and_goes_on) {
    World world;
    world.talking();
    world.begin();
    world.session->draining(true);
    ck_assert(same(world.state(), "talking"));
    world.session->draining(false);
    ck_assert(same(world.finish(), {"- draining draining=true", "- draining draining=false"}));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "session_controls",
        {set_mutes_and_a_picture_that_comes_back_needs_a_keyframe, set_tells_the_browser_its_cap,
         an_update_that_is_none_is_not_pushed, media_follows_a_renegotiation_from_either_side,
         a_browser_that_offers_layers_gets_their_names_back, a_recording_has_videocalls_name_or_the_clients,
         a_name_leads_to_no_other_folder, without_a_call_nothing_is_recorded_and_its_end_ends_the_recording,
         another_layer_needs_a_keyframe_of_the_other_browser, set_with_something_wrong_in_it_changes_nothing,
         set_renegotiates_while_talking, set_without_a_call_is_answered_and_renegotiates_nothing,
         the_next_call_begins_with_fresh_controls, a_slow_link_is_told_as_videocall_does,
         a_user_of_a_drained_server_is_told_and_goes_on});
}
