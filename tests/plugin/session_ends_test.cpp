// SPDX-License-Identifier: GPL-3.0-or-later
/// How calls end.
#include "plugin/session.h"

#include "tests/check.h"
#include "tests/plugin/session_world.h"

using federation::Reason;
using tests::answer;
using tests::in_each_call;
using tests::offer;
using tests::peer;
using tests::same;
using tests::Way;
using tests::World;

namespace {

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
    return run_suite(
        "session_ends",
        {hanging_up_without_a_call_is_answered, a_call_may_be_hung_up_in_every_state,
         the_other_side_hears_why, a_call_that_the_other_side_ends_is_told,
         an_end_without_words_has_the_reasons_sentence, after_a_call_comes_the_next,
         a_browser_that_is_gone_ends_the_call, an_offer_that_janus_does_not_take_yet_is_pushed_again,
         an_offer_that_janus_never_takes_ends_the_call, a_data_channel_that_loses_something_ends_the_call,
         without_a_call_media_may_go_unnoticed});
}
