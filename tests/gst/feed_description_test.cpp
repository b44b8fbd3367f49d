// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/feed_description.h"

#include "tests/check.h"

using gst::FeedDescription;
using gst::FeedStream;
using gst::MediaKind;

namespace {

FeedStream audio() {
    FeedStream stream;
    stream.mid = "0";
    stream.codec = "opus";
    stream.payload_type = 111;
    stream.red = 63;
    stream.clock = 48'000;
    stream.channels = 2;
    stream.fmtp = "useinbandfec=1;stereo=1";
    stream.stereo = stream.fec = true;
    stream.talking = false;
    stream.audio_level = 1;
    return stream;
}

FeedStream video(int mindex) {
    FeedStream stream;
    stream.kind = MediaKind::video;
    stream.mindex = mindex;
    stream.mid = "v";
    stream.codec = "vp8";
    stream.payload_type = 96;
    stream.simulcast = true;
    stream.description = "from above";
    stream.orientation = 3;
    return stream;
}

FeedDescription read(const std::string& json) {
    const auto feed = FeedDescription::parse(json);
    ck_assert_msg(feed.has_value(), "%s: %s", json.c_str(), feed ? "" : feed.error().what.c_str());
    return *feed;
}

std::string with(const std::string& members) {
    return R"({"streams":[{"mindex":0,"type":"video","codec":"vp8","pt":96)" + members + "}]}";
}

START_TEST(a_feed_travels_as_json) {
    FeedDescription feed;
    feed.streams = {audio(), video(1)};
    feed.display = "Front door";
    feed.repairs = false;
    feed.e2ee = true;
    const auto again = read(feed.json());
    ck_assert(again.streams == feed.streams);
    ck_assert(again.display == feed.display);
    ck_assert(!again.repairs && again.e2ee && !again.ended);
    ck_assert(again.publishes());
}
END_TEST

START_TEST(what_is_left_out_is_as_usual) {
    const auto feed = read(R"({"streams":[{"type":"video","codec":"vp8","pt":96,"of the future":[1]}]})");
    ck_assert_int_eq(feed.streams.at(0).mindex, 0);
    ck_assert_int_eq(feed.streams.at(0).clock, 90'000);
    ck_assert(feed.repairs && !feed.ended && !feed.e2ee && !feed.metadata);
}
END_TEST

START_TEST(who_publishes_nothing_may_say_something_of_himself) {
    const auto feed = read(R"({"metadata":{"seat":4}})");
    ck_assert(!feed.publishes());
    ck_assert_int_eq(json_integer_value(json_object_get(feed.metadata.get(), "seat")), 4);
    ck_assert(feed.json() == R"({"metadata":{"seat":4}})");
    ck_assert(FeedDescription{}.json() == "{}");
}
END_TEST

START_TEST(the_end_travels_too) {
    FeedDescription feed;
    feed.ended = true;
    ck_assert(read(feed.json()).ended);
}
END_TEST

START_TEST(a_stream_is_at_the_place_of_its_number) {
    FeedDescription feed;
    feed.streams = {video(4), video(2)};
    const auto again = read(feed.json());
    ck_assert_uint_eq(again.streams.size(), 5);
    for (const int place : {0, 1, 3}) ck_assert(again.streams.at(static_cast<std::size_t>(place)).disabled);
    ck_assert(again.streams.at(2) == video(2));
    ck_assert(again.streams.at(4) == video(4));
}
END_TEST

START_TEST(profiles_are_read_out_of_the_parameters) {
    const auto h264 = R"({"streams":[{"type":"video","codec":"h264","pt":96,)"
                      R"("fmtp":"packetization-mode=1; profile-level-id=42c01f"}]})";
    ck_assert(read(h264).streams.at(0).h264_profile == "42c01f");
    const auto vp9 = R"({"streams":[{"type":"video","codec":"vp9","pt":96,"fmtp":"profile-id=2"}]})";
    ck_assert(read(vp9).streams.at(0).vp9_profile == "2");
}
END_TEST

START_TEST(a_parameter_is_found_by_its_whole_name) {
    ck_assert(gst::fmtp_value("a=1; b=2=3;c", "b") == "2=3");
    ck_assert(gst::fmtp_value("ab=1;b=2", "b") == "2");
    for (const char* key : {"c", "d", ""}) ck_assert(gst::fmtp_value("ab=1;c", key) == "");
}
END_TEST

START_TEST(what_a_peer_may_not_say_is_refused_with_a_reason) {
    const std::string good = R"({"type":"video","codec":"vp8","pt":96,"mindex":0})";
    for (const auto& text :
         {std::string{},
          std::string{"[]"},
          std::string{"1"},
          std::string{"{"},
          std::string{R"({"streams":1})"},
          std::string{R"({"streams":[1]})"},
          std::string{R"({"streams":[{}]})"},
          R"({"streams":[)" + good + ',' + good + "]}",
          std::string{R"({"streams":[{"type":"text","codec":"t140","pt":98}]})"},
          std::string{R"({"streams":[{"type":"video","pt":98}]})"},
          std::string{R"({"streams":[{"type":"video","codec":"v p8","pt":98}]})"},
          std::string{R"({"streams":[{"type":"video","codec":"vp8","pt":128}]})"},
          std::string{R"({"streams":[{"type":"video","codec":"vp8","pt":"96"}]})"},
          std::string{R"({"streams":[{"type":"video","codec":"vp8","pt":96,"mindex":64}]})"},
          std::string{R"({"streams":[{"type":"video","codec":"vp8","pt":96,"mindex":-1}]})"},
          with(R"(,"clock":0)"),
          with(R"(,"clock":1000001)"),
          with(R"(,"simulcast":1)"),
          with(R"(,"fmtp":"a\r\nb")"),
          with(R"(,"fmtp":[])"),
          with(R"(,"mid":"\n")"),
          with(R"(,"fmtp":")" + std::string(4097, 'a') + '"'),
          with(R"(,"pt":97)"),
          with(R"(,"description":")" + std::string(513, 'a') + '"'),
          std::string{R"({"metadata":"x"})"},
          std::string{R"({"ended":1})"},
          std::string{R"({"display":1})"}}) {
        const auto feed = FeedDescription::parse(text);
        ck_assert_msg(!feed, "%s", text.c_str());
        ck_assert(!feed.error().what.empty());
    }
    std::string many = R"({"streams":[)";
    for (std::size_t i = 0; i <= FeedDescription::streams_max; ++i) many += (i > 0 ? "," : "") + good;
    ck_assert(!FeedDescription::parse(many + "]}"));
}
END_TEST

START_TEST(clients_are_told_nothing_of_packets) {
    const auto told = gst::to_json(video(1));
    for (const char* key : {"pt", "clock", "fmtp", "orientation-id"})
        ck_assert(!json_object_get(told.get(), key));
    ck_assert_str_eq(json_string_value(json_object_get(told.get(), "description")), "from above");
}
END_TEST

}  // namespace

int main() {
    return run_suite("feed_description",
                     {a_feed_travels_as_json, what_is_left_out_is_as_usual,
                      who_publishes_nothing_may_say_something_of_himself, the_end_travels_too,
                      a_stream_is_at_the_place_of_its_number, profiles_are_read_out_of_the_parameters,
                      a_parameter_is_found_by_its_whole_name,
                      what_a_peer_may_not_say_is_refused_with_a_reason, clients_are_told_nothing_of_packets});
}
