// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/streams.h"

#include "tests/check.h"
#include "tests/plugin/stream_world.h"

using namespace plugin;
using federation::Reason;
using tests::Lines;
using tests::picture_alone;
using tests::picture_and_sound;
using tests::same;
using tests::StreamWorld;

namespace {

class Watcher final : public StreamWatcher {
public:
    void described(const std::shared_ptr<const IncomingStream>& is) override {
        stream = is;
        lines.push_back(is->address.feed + " of " + std::to_string(is->about.streams.size()));
    }
    void gone(Reason reason) override {
        stream.reset();
        lines.emplace_back(federation::word(reason));
    }
    std::shared_ptr<const IncomingStream> stream;
    Lines lines;
};

START_TEST(many_watch_and_it_comes_once) {
    StreamWorld w;
    const auto anna = std::make_shared<Watcher>(), bert = std::make_shared<Watcher>();
    const auto carol = std::make_shared<Watcher>();
    w.streams.watch(w.uri(), 0, anna);
    w.streams.watch(w.uri(), 0, bert);
    ck_assert(!w.accept(picture_and_sound).empty());
    ck_assert(w.accept(picture_and_sound).empty());
    w.streams.watch({{}, {}, "cam", {}, {}}, 0, carol);
    w.run();
    for (const auto& one : {anna, bert, carol}) ck_assert(same(one->lines, {"cam of 2"}));
    ck_assert(anna->stream == bert->stream && bert->stream == carol->stream);
    ck_assert_uint_eq((*w.there)->subscriptions(), 1);
    ck_assert_uint_eq(w.open_lanes(), 1);
    const auto info = w.streams.info();
    ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(info.get(), 0), "viewers")), 3);
}
END_TEST

START_TEST(the_last_who_leaves_ends_it) {
    StreamWorld w;
    const auto anna = std::make_shared<Watcher>();
    auto bert = std::make_shared<Watcher>();
    w.streams.watch(w.uri(), 0, anna);
    w.streams.watch(w.uri(), 0, bert);
    (void)w.accept(picture_and_sound);
    w.streams.leave(*anna);
    w.streams.leave(*anna);
    ck_assert_uint_eq(w.streams.size(), 1);
    w.streams.leave(*bert);
    bert.reset();
    ck_assert_uint_eq(w.streams.size(), 0);
    anna->stream.reset();
    ck_assert_uint_eq(w.open_lanes(), 0);
    w.run();
    ck_assert_uint_eq((*w.there)->subscriptions(), 0);
}
END_TEST

START_TEST(what_is_changed_is_told) {
    StreamWorld w;
    const auto anna = std::make_shared<Watcher>();
    w.streams.watch(w.uri(), 0, anna);
    const auto id = w.accept(picture_and_sound);
    (*w.there)->change_feed(id, picture_alone, w.world.now());
    w.run();
    ck_assert(same(anna->lines, {"cam of 2", "cam of 1"}));
    ck_assert_uint_eq(anna->stream->source->feed()->streams().size(), 1);
}
END_TEST

START_TEST(what_cannot_be_had_is_told_with_its_reason) {
    StreamWorld w;
    const auto unknown = std::make_shared<Watcher>(), nobody = std::make_shared<Watcher>();
    const auto refused = std::make_shared<Watcher>(), nowhere = std::make_shared<Watcher>();
    w.streams.watch(w.uri("nothing"), 0, unknown);
    w.streams.watch({{}, {}, "nothing", {}, {}}, 0, nobody);
    w.streams.watch(w.uri(), 0, refused);
    const auto wanted = w.world.wait<federation::FeedWanted>(*w.there);
    (*w.there)->end_subscription(wanted->subscription, Reason::declined, w.world.now());
    w.streams.watch({dht::NodeId{}, {}, "cam", {}, {}}, 0, nowhere);
    w.run(std::chrono::seconds{20});
    ck_assert(same(unknown->lines, {"unknown-feed"}));
    ck_assert(same(nobody->lines, {"unknown-feed"}));
    ck_assert(same(refused->lines, {"declined"}));
    ck_assert(same(nowhere->lines, {"server-unreachable"}));
    ck_assert_uint_eq(w.streams.size(), 0);
}
END_TEST

START_TEST(a_publisher_that_says_what_it_may_not_is_left) {
    StreamWorld w;
    const auto anna = std::make_shared<Watcher>();
    w.streams.watch(w.uri(), 0, anna);
    (void)w.accept(R"({"streams":[{"type":"smell"}]})");
    ck_assert(same(anna->lines, {"protocol-error"}));
    w.run();
    ck_assert_uint_eq((*w.there)->subscriptions(), 0);
}
END_TEST

START_TEST(without_a_lane_or_a_trunk_there_is_nothing_to_see) {
    StreamWorld w;
    const auto anna = std::make_shared<Watcher>(), bert = std::make_shared<Watcher>();
    w.lanes_full = true;
    w.streams.watch(w.uri(), 0, anna);
    w.run();
    ck_assert(same(anna->lines, {"trunk-failed"}));
    w.lanes_full = false;
    w.streams.watch(w.uri(), 0, bert);
    w.run();
    w.streams.trunk_failed((*w.there)->id());
    ck_assert(same(bert->lines, {"trunk-failed"}));
    ck_assert_uint_eq(w.open_lanes(), 0);
}
END_TEST

START_TEST(who_leaves_while_the_name_is_looked_up_hears_no_more) {
    StreamWorld w;
    const auto anna = std::make_shared<Watcher>();
    w.streams.watch({{}, {}, "cam", {}, {}}, 0, anna);
    w.streams.leave(*anna);
    w.run();
    ck_assert(anna->lines.empty());
    ck_assert_uint_eq(w.streams.size(), 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "streams", {many_watch_and_it_comes_once, the_last_who_leaves_ends_it, what_is_changed_is_told,
                    what_cannot_be_had_is_told_with_its_reason, a_publisher_that_says_what_it_may_not_is_left,
                    without_a_lane_or_a_trunk_there_is_nothing_to_see,
                    who_leaves_while_the_name_is_looked_up_hears_no_more});
}
