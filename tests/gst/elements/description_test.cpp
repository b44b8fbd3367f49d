// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/description.h"

#include "gst/init.h"
#include "tests/check.h"

using namespace elements;

namespace {

gst::Ptr<GstCaps> caps(const char* text) {
    return gst::Ptr<GstCaps>{gst_caps_from_string(text)};
}

const char* h264 =
    "application/x-rtp, media=(string)video, clock-rate=(int)90000, encoding-name=(string)H264, "
    "payload=(int)97, packetization-mode=(string)1, profile-level-id=(string)42c01f, "
    "sprop-parameter-sets=(string)\"Z0LAH9oBQBbsBEAAAAMAQAAADIPGDKg=\\,aM48gA==\", ssrc=(uint)77, "
    "rtcp-fb-nack-pli=(boolean)true, a-framerate=(string)30";
const char* opus =
    "application/x-rtp, media=(string)audio, clock-rate=(int)48000, encoding-name=(string)OPUS, "
    "encoding-params=(string)2, payload=(int)96, sprop-stereo=(string)1";

START_TEST(what_a_payloader_shows_becomes_a_description) {
    const auto stream = StreamDescription::from_caps(caps(h264).get(), 3);
    ck_assert(stream.has_value());
    ck_assert(stream->video);
    ck_assert_int_eq(stream->mindex, 3);
    ck_assert_str_eq(stream->codec.c_str(), "H264");
    ck_assert_int_eq(stream->payload_type, 97);
    ck_assert_str_eq(stream->fmtp.at("packetization-mode").c_str(), "1");
}
END_TEST

START_TEST(only_the_codecs_parameters_are_told) {
    const auto stream = StreamDescription::from_caps(caps(h264).get(), 0);
    ck_assert_int_eq(static_cast<int>(stream->fmtp.size()), 3);
    ck_assert(!stream->fmtp.contains("a-framerate"));
}
END_TEST

START_TEST(a_description_becomes_caps_that_describe_the_same) {
    for (const char* text : {h264, opus}) {
        const auto stream = StreamDescription::from_caps(caps(text).get(), 1);
        const auto again = StreamDescription::from_caps(stream->caps().get(), 1);
        ck_assert(again == stream);
    }
}
END_TEST

START_TEST(audio_tells_its_channels) {
    ck_assert_int_eq(StreamDescription::from_caps(caps(opus).get(), 0)->channels, 2);
}
END_TEST

START_TEST(caps_that_say_too_little_describe_nothing) {
    for (const char* text :
         {"ANY", "video/x-raw", "application/x-rtp", "application/x-rtp, media=(string)video",
          "application/x-rtp, media=(string)video, encoding-name=(string)VP8"})
        ck_assert(!StreamDescription::from_caps(caps(text).get(), 0));
    ck_assert(!StreamDescription::from_caps(nullptr, 0));
}
END_TEST

START_TEST(a_feed_travels_as_json) {
    FeedDescription feed;
    feed.streams = {*StreamDescription::from_caps(caps(h264).get(), 0),
                    *StreamDescription::from_caps(caps(opus).get(), 1)};
    feed.display = "Front door";
    feed.repairs = false;
    const auto read = FeedDescription::parse(feed.json());
    ck_assert(read.has_value());
    ck_assert(*read == feed);
}
END_TEST

START_TEST(the_end_travels_too) {
    FeedDescription feed;
    feed.ended = true;
    ck_assert(FeedDescription::parse(feed.json())->ended);
}
END_TEST

START_TEST(what_a_browser_sends_is_read_as_caps) {
    const auto feed = FeedDescription::parse(
        R"({"streams":[{"type":"audio","mindex":0,"codec":"opus","pt":111,"clock":48000,"channels":2,)"
        R"("fmtp":"useinbandfec=1; minptime=10;odd"},{"type":"data","mindex":1},)"
        R"({"type":"video","mindex":2,"disabled":true},{"type":"video","mindex":3,"codec":"vp8","pt":96}]})");
    ck_assert(feed.has_value());
    ck_assert_uint_eq(feed->streams.size(), 2);
    const auto& sound = feed->streams.at(0);
    ck_assert_str_eq(sound.codec.c_str(), "OPUS");
    ck_assert_uint_eq(sound.fmtp.size(), 2);
    ck_assert_str_eq(sound.fmtp.at("minptime").c_str(), "10");
    ck_assert(feed->streams.at(1).video && feed->streams.at(1).mindex == 3);
}
END_TEST

START_TEST(parameters_that_are_none_do_not_get_into_caps) {
    const auto feed = FeedDescription::parse(
        R"({"streams":[{"type":"video","codec":"vp8","pt":96,"fmtp":"payload=1;media=x;a b=1;good=1"}]})");
    ck_assert_uint_eq(feed->streams.at(0).fmtp.size(), 1);
}
END_TEST

START_TEST(what_is_no_feed_is_refused_with_a_reason) {
    const auto feed = FeedDescription::parse("[]");
    ck_assert(!feed && !feed.error().what.empty());
}
END_TEST

}  // namespace

int main() {
    gst::init();
    return run_suite("description",
                     {what_a_payloader_shows_becomes_a_description, only_the_codecs_parameters_are_told,
                      a_description_becomes_caps_that_describe_the_same, audio_tells_its_channels,
                      caps_that_say_too_little_describe_nothing, a_feed_travels_as_json, the_end_travels_too,
                      what_a_browser_sends_is_read_as_caps, parameters_that_are_none_do_not_get_into_caps,
                      what_is_no_feed_is_refused_with_a_reason});
}
