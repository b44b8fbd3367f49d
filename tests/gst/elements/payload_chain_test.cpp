// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/payload_chain.h"

#include <gst/check/gstharness.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <vector>

#include "gst/elements/description.h"
#include "gst/elements/play_chain.h"
#include "gst/init.h"
#include "tests/check.h"
#include "tests/gst/elements/media.h"

using namespace elements;

namespace {

struct FreeHarness {
    void operator()(GstHarness* harness) const noexcept { gst_harness_teardown(harness); }
};
using Harness = std::unique_ptr<GstHarness, FreeHarness>;

/// What comes out of a chain.
struct Out {
    std::mutex mutex;
    std::vector<std::vector<std::uint8_t>> packets;
    std::optional<StreamDescription> description;

    LaneSinkCallbacks callbacks() {
        return {.packet =
                    [this](GstElement*, GstBuffer* buffer) {
                        std::vector<std::uint8_t> octets(gst_buffer_get_size(buffer));
                        gst_buffer_extract(buffer, 0, octets.data(), octets.size());
                        const std::lock_guard lock{mutex};
                        packets.push_back(std::move(octets));
                    },
                .described =
                    [this](const GstCaps* caps) { description = StreamDescription::from_caps(caps, 0); }};
    }
};

/// Puts what `source` makes through a chain with these options; what was wrong, if anything.
std::string run(const std::string& source, const std::string& caps_text, PayloadOptions options, Out& out) {
    if (options.bitrate == 0) options.bitrate = caps_text.starts_with("audio") ? 64'000 : 1'000'000;
    const gst::Ptr<GstCaps> caps{gst_caps_from_string(caps_text.c_str())};
    auto chain = PayloadChain::make(caps.get(), options, out.callbacks());
    if (!chain) return chain.error().what;
    tests::Pipeline pipeline{source + " ! capsfilter name=last caps=\"" + caps_text + "\""};
    gst_bin_add(GST_BIN(pipeline.element()), chain->bin.get());
    const auto last = pipeline.get("last");
    ck_assert(gst_element_link(last.get(), chain->bin.get()));
    pipeline.play();
    const auto end = pipeline.wait_for(static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
    if (!end) return "nothing came to an end";
    return GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_ERROR ? tests::Pipeline::error_of(end.get()) : "";
}

void must_run(const std::string& source, const std::string& caps, const PayloadOptions& options, Out& out) {
    const auto wrong = run(source, caps, options, out);
    ck_assert_msg(wrong.empty(), "%s", wrong.c_str());
}

const std::string picture =
    "video/x-raw, format=(string)I420, width=(int)320, height=(int)240, framerate=(fraction)30/1";
const std::string sound =
    "audio/x-raw, format=(string)S16LE, layout=(string)interleaved, rate=(int)44100, channels=(int)1";

void check_packets(const Out& out, const char* codec) {
    ck_assert(out.description.has_value());
    ck_assert_str_eq(out.description->codec.c_str(), codec);
    ck_assert(!out.packets.empty());
    for (const auto& packet : out.packets) {
        ck_assert_int_le(static_cast<int>(packet.size()), payload_mtu);
        ck_assert_int_eq(packet[1] & 0x7f, out.description->payload_type);
    }
}

START_TEST(raw_pictures_are_encoded_with_what_is_installed) {
    Out out;
    must_run("videotestsrc num-buffers=10", picture, {}, out);
    check_packets(out, "VP8");
}
END_TEST

START_TEST(another_codec_is_taken_when_it_is_asked_for) {
    for (const auto& [codec, name] : {std::pair{"video/x-h264", "H264"}, std::pair{"video/x-vp9", "VP9"}}) {
        Out out;
        must_run("videotestsrc num-buffers=5", picture, {.encoder = {.codec = codec}}, out);
        check_packets(out, name);
    }
}
END_TEST

START_TEST(a_named_encoder_is_taken_and_no_other) {
    Out out;
    must_run("videotestsrc num-buffers=5", picture, {.encoder = {.factory = "openh264enc"}}, out);
    check_packets(out, "H264");
    Out none;
    const auto wrong =
        run("videotestsrc num-buffers=5", picture, {.encoder = {.factory = "nosuchenc"}}, none);
    ck_assert(wrong.find("nosuchenc") != std::string::npos);
}
END_TEST

START_TEST(what_is_no_encoder_is_refused) {
    Out out;
    ck_assert(
        !run("videotestsrc num-buffers=5", picture, {.encoder = {.factory = "audioconvert"}}, out).empty());
}
END_TEST

START_TEST(raw_sound_becomes_opus) {
    Out out;
    must_run("audiotestsrc num-buffers=20", sound, {}, out);
    check_packets(out, "OPUS");
    ck_assert_int_eq(out.description->clock_rate, 48000);
}
END_TEST

START_TEST(opus_repeats_itself_when_errors_are_to_be_corrected) {
    Out out;
    bool set = false;
    PayloadOptions options{.encoder = {.fec = true}};
    options.encoder_made = [&set](GstElement* encoder) {
        gboolean fec = FALSE;
        g_object_get(encoder, "inband-fec", &fec, nullptr);
        set = fec != FALSE;
    };
    must_run("audiotestsrc num-buffers=20", sound, options, out);
    ck_assert(set);
}
END_TEST

START_TEST(encoded_pictures_are_only_put_into_packets) {
    Out out;
    must_run(
        "videotestsrc num-buffers=5 ! " + picture + " ! openh264enc",
        "video/x-h264, stream-format=(string)byte-stream, alignment=(string)au, profile=(string)baseline",
        {.payload_type = 101}, out);
    check_packets(out, "H264");
    ck_assert_int_eq(out.description->payload_type, 101);
}
END_TEST

START_TEST(encoded_sound_too) {
    Out out;
    must_run("audiotestsrc num-buffers=20 ! audioconvert ! audioresample ! opusenc",
             "audio/x-opus, rate=(int)48000, channels=(int)1, channel-mapping-family=(int)0", {}, out);
    check_packets(out, "OPUS");
}
END_TEST

START_TEST(rtp_goes_through_as_it_is) {
    Out out;
    must_run("videotestsrc num-buffers=5 ! " + picture +
                 " ! vp8enc deadline=1 ! rtpvp8pay pt=109 ssrc=4711 mtu=900",
             "application/x-rtp, media=(string)video, clock-rate=(int)90000, "
             "encoding-name=(string)VP8, payload=(int)109",
             {}, out);
    check_packets(out, "VP8");
    ck_assert_int_eq(out.description->payload_type, 109);
    ck_assert_uint_eq(GST_READ_UINT32_BE(&out.packets[0][8]), 4711);
}
END_TEST

START_TEST(h264_carries_its_parameters_with_every_keyframe) {
    Out out;
    must_run("videotestsrc num-buffers=10", picture, {.encoder = {.factory = "openh264enc"}}, out);
    const bool parameters = std::ranges::any_of(out.packets, [](const auto& packet) {
        const int type = packet[12] & 0x1f;
        return type == 7 || type == 24;  // alone, or in an aggregate
    });
    ck_assert(parameters);
}
END_TEST

START_TEST(the_encoder_keeps_to_another_bitrate_when_told) {
    const gst::Ptr<GstCaps> caps{gst_caps_from_string(picture.c_str())};
    gst::Ref<GstElement> encoder;
    PayloadOptions options{.encoder = {.factory = "vp8enc"}, .bitrate = 1'000'000};
    options.encoder_made = [&encoder](GstElement* made) { encoder = glib::make_ref(made); };
    auto chain = PayloadChain::make(caps.get(), options, {});
    ck_assert(chain.has_value() && chain->encodes);
    int bits = 0;
    g_object_get(encoder.get(), "target-bitrate", &bits, nullptr);
    ck_assert_int_eq(bits, 1'000'000);
    chain->set_bitrate(300'000);
    g_object_get(encoder.get(), "target-bitrate", &bits, nullptr);
    ck_assert_int_eq(bits, 300'000);
}
END_TEST

START_TEST(a_keyframe_that_is_asked_for_is_made) {
    const gst::Ptr<GstCaps> caps{gst_caps_from_string(picture.c_str())};
    Out out;
    auto chain = PayloadChain::make(caps.get(), {.encoder = {.factory = "vp8enc"}, .bitrate = 1'000'000},
                                    out.callbacks());
    const Harness harness{gst_harness_new_with_element(chain->bin.get(), "sink", nullptr)};
    gst_harness_set_src_caps_str(harness.get(), picture.c_str());
    const auto push = [&](int number) {
        GstBuffer* buffer = gst_buffer_new_allocate(nullptr, 320 * 240 * 3 / 2, nullptr);
        gst_buffer_memset(buffer, 0, static_cast<guint8>(number * 9), 320 * 240 * 3 / 2);
        GST_BUFFER_PTS(buffer) = GST_BUFFER_DTS(buffer) = static_cast<guint64>(number) * GST_SECOND / 30;
        GST_BUFFER_DURATION(buffer) = GST_SECOND / 30;
        ck_assert(gst_harness_push(harness.get(), buffer) == GST_FLOW_OK);
    };
    // Of a VP8 payload's first packet: behind the descriptor of 4 octets, the lowest bit is 0 in a keyframe.
    const auto keyframes = [&] {
        return std::ranges::count_if(out.packets, [](const auto& packet) {
            return (packet[12] & 0x10) != 0 && (packet[16] & 1) == 0;
        });
    };
    for (int i = 0; i < 10; ++i) push(i);
    ck_assert_int_eq(static_cast<int>(keyframes()), 1);
    gst_element_send_event(
        chain->bin.get(),
        gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM,
                             gst_structure_new("GstForceKeyUnit", "all-headers", G_TYPE_BOOLEAN, TRUE,
                                               "count", G_TYPE_UINT, 0, nullptr)));
    for (int i = 10; i < 15; ++i) push(i);
    ck_assert_int_eq(static_cast<int>(keyframes()), 2);
}
END_TEST

START_TEST(media_that_has_no_place_is_refused_in_words) {
    const gst::Ptr<GstCaps> caps{gst_caps_from_string("image/jpeg")};
    const auto chain = PayloadChain::make(caps.get(), {}, {});
    ck_assert(!chain.has_value());
    ck_assert(chain.error().what.find("image/jpeg") != std::string::npos);
}
END_TEST

START_TEST(an_encoder_is_known_for_every_codec) {
    ck_assert_int_ge(static_cast<int>(known_encoders(true).size()), 10);
    ck_assert_int_eq(static_cast<int>(known_encoders(false).size()), 1);
}
END_TEST

START_TEST(what_was_put_into_packets_comes_out_again) {
    struct Case {
        const char *source, *codec, *type;
    };
    const std::string pictures = "videotestsrc num-buffers=10 ! " + picture + " ! ";
    for (const auto& [source, codec, type] :
         {Case{"vp8enc deadline=1 ! rtpvp8pay", "VP8", "video/x-vp8"},
          Case{"vp9enc deadline=1 cpu-used=8 ! rtpvp9pay", "VP9", "video/x-vp9"},
          Case{"openh264enc ! rtph264pay", "H264", "video/x-h264"},
          Case{"opusenc ! rtpopuspay", "OPUS", "audio/x-opus"}}) {
        StreamDescription stream;
        stream.codec = codec;
        stream.video = stream.codec != "OPUS";
        const std::string sounds = "audiotestsrc num-buffers=20 ! audioconvert ! audioresample ! ";
        tests::Pipeline pipeline{(stream.video ? pictures : sounds) + source + " ! queue name=last"};
        const auto last = pipeline.get("last");
        ck_assert(can_depayload(stream));
        auto chain = make_play_chain(stream);
        ck_assert(chain.has_value());
        auto sink = gst::take_floating(gst_element_factory_make("fakesink", nullptr));
        gst_bin_add_many(GST_BIN(pipeline.element()), chain->get(), sink.get(), nullptr);
        ck_assert(gst_element_link_many(last.get(), chain->get(), sink.get(), nullptr));
        const tests::Counter counter{sink.get()};
        pipeline.play();
        const auto end = pipeline.wait_for(static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR));
        ck_assert(end && GST_MESSAGE_TYPE(end.get()) == GST_MESSAGE_EOS);
        ck_assert_int_ge(counter.count(), 9);
        const auto pad = glib::take_ref(gst_element_get_static_pad(sink.get(), "sink"));
        const gst::Ptr<GstCaps> caps{gst_pad_get_current_caps(pad.get())};
        ck_assert_str_eq(gst_structure_get_name(gst_caps_get_structure(caps.get(), 0)), type);
    }
}
END_TEST

START_TEST(an_unknown_codec_can_only_be_had_as_rtp) {
    StreamDescription stream;
    stream.codec = "X-ODD";
    ck_assert(!can_depayload(stream));
    ck_assert(!make_play_chain(stream).has_value());
}
END_TEST

}  // namespace

int main() {
    gst::init();
    return run_suite(
        "payload_chain",
        {raw_pictures_are_encoded_with_what_is_installed, another_codec_is_taken_when_it_is_asked_for,
         a_named_encoder_is_taken_and_no_other, what_is_no_encoder_is_refused, raw_sound_becomes_opus,
         opus_repeats_itself_when_errors_are_to_be_corrected, encoded_pictures_are_only_put_into_packets,
         encoded_sound_too, rtp_goes_through_as_it_is, h264_carries_its_parameters_with_every_keyframe,
         the_encoder_keeps_to_another_bitrate_when_told, a_keyframe_that_is_asked_for_is_made,
         media_that_has_no_place_is_refused_in_words, an_encoder_is_known_for_every_codec,
         what_was_put_into_packets_comes_out_again, an_unknown_codec_can_only_be_had_as_rtp},
        60);
}
