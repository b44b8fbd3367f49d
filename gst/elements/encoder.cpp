// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/encoder.h"

#include <algorithm>
#include <array>
#include <span>
#include <thread>

#include "gst/init.h"

namespace elements {

namespace {

struct Setting {
    const char* name;
    const char* value;
};

/// How one encoder is made fit for live pictures. Settings that an installed version does not have are passed
/// over: they are wishes.
struct Known {
    const char* factory;
    const char* caps;
    const char* bitrate;  ///< its property
    std::uint64_t unit;   ///< bit/s that 1 of it means
    std::span<const Setting> settings;
    const char* profile = "";
};

// Far apart: keyframes are made when a viewer needs one.
#define FAR "2000"

constexpr std::array nv = {Setting{"preset", "low-latency-hq"}, Setting{"zerolatency", "true"},
                           Setting{"rc-mode", "cbr"}, Setting{"gop-size", FAR}, Setting{"bframes", "0"}};
constexpr std::array va = {Setting{"rate-control", "cbr"}, Setting{"target-usage", "6"},
                           Setting{"key-int-max", "1024"}, Setting{"b-frames", "0"}};
constexpr std::array vaapi = {Setting{"rate-control", "cbr"}, Setting{"keyframe-period", FAR},
                              Setting{"max-bframes", "0"}, Setting{"quality-level", "7"}};
constexpr std::array qsv = {Setting{"rate-control", "cbr"}, Setting{"low-latency", "true"},
                            Setting{"gop-size", FAR}, Setting{"b-frames", "0"}};
constexpr std::array x264 = {Setting{"tune", "zerolatency"}, Setting{"speed-preset", "superfast"},
                             Setting{"key-int-max", FAR}, Setting{"sliced-threads", "true"}};
constexpr std::array x265 = {Setting{"tune", "zerolatency"}, Setting{"speed-preset", "ultrafast"},
                             Setting{"key-int-max", FAR}};
// Scene change detection would make keyframes that nobody asked for.
constexpr std::array openh264 = {Setting{"usage-type", "camera"},
                                 Setting{"complexity", "low"},
                                 Setting{"rate-control", "bitrate"},
                                 Setting{"gop-size", FAR},
                                 Setting{"scene-change-detection", "false"},
                                 Setting{"background-detection", "false"}};
constexpr std::array vpx = {Setting{"deadline", "1"},
                            Setting{"lag-in-frames", "0"},
                            Setting{"end-usage", "cbr"},
                            Setting{"keyframe-max-dist", FAR},
                            Setting{"cpu-used", "8"},
                            Setting{"row-mt", "true"},
                            Setting{"error-resilient", "default"},
                            Setting{"buffer-initial-size", "100"},
                            Setting{"buffer-optimal-size", "120"},
                            Setting{"buffer-size", "150"},
                            Setting{"max-intra-bitrate", "250"},
                            Setting{"undershoot", "100"},
                            Setting{"overshoot", "15"}};
constexpr std::array av1 = {
    Setting{"usage-profile", "realtime"}, Setting{"lag-in-frames", "0"}, Setting{"end-usage", "cbr"},
    Setting{"keyframe-max-dist", FAR},    Setting{"cpu-used", "9"},      Setting{"row-mt", "true"}};
constexpr std::array opus = {Setting{"audio-type", "generic"}, Setting{"frame-size", "20"},
                             Setting{"packet-loss-percentage", "10"}};

#undef FAR

// Every browser decodes this profile.
constexpr const char* baseline = "video/x-h264,profile=constrained-baseline";

/// Hardware first; then what every browser decodes, the quickest software first.
constexpr std::array video_encoders = {
    Known{"nvh264enc", "video/x-h264", "bitrate", 1000, nv, baseline},
    Known{"vah264enc", "video/x-h264", "bitrate", 1000, va, baseline},
    Known{"vaapih264enc", "video/x-h264", "bitrate", 1000, vaapi, baseline},
    Known{"qsvh264enc", "video/x-h264", "bitrate", 1000, qsv, baseline},
    Known{"x264enc", "video/x-h264", "bitrate", 1000, x264, baseline},
    Known{"vp8enc", "video/x-vp8", "target-bitrate", 1, vpx},
    Known{"openh264enc", "video/x-h264", "bitrate", 1, openh264, baseline},
    Known{"vp9enc", "video/x-vp9", "target-bitrate", 1, vpx},
    Known{"av1enc", "video/x-av1", "target-bitrate", 1000, av1},
    Known{"nvh265enc", "video/x-h265", "bitrate", 1000, nv},
    Known{"vah265enc", "video/x-h265", "bitrate", 1000, va},
    Known{"x265enc", "video/x-h265", "bitrate", 1000, x265},
};
constexpr std::array audio_encoders = {Known{"opusenc", "audio/x-opus", "bitrate", 1, opus}};

std::span<const Known> table(bool video) {
    if (video) return video_encoders;
    return audio_encoders;
}

bool has_property(GstElement* element, const char* name) {
    return g_object_class_find_property(G_OBJECT_GET_CLASS(element), name) != nullptr;
}

void set(GstElement* element, const char* name, const std::string& value) {
    if (has_property(element, name)) gst_util_set_object_arg(G_OBJECT(element), name, value.c_str());
}

/// Without its threads an encoder cannot make 720p on a machine whose cores are slow; with all of them it
/// disturbs what runs beside it.
unsigned thread_count() {
    return std::clamp(std::thread::hardware_concurrency() / 2, 1U, 4U);
}

std::function<void(std::uint64_t)> bitrate_setter(GstElement* element, const char* property,
                                                  std::uint64_t unit) {
    // The closure lives beside the element, so that a plain pointer would do; this one is safe anyway.
    const std::shared_ptr<GstElement> kept{GST_ELEMENT(gst_object_ref(element)), gst_object_unref};
    return [kept, property, unit](std::uint64_t bits) {
        set(kept.get(), property, std::to_string(std::max<std::uint64_t>(bits / unit, 1)));
    };
}

/// Opens the device, if there is one.
bool opens(GstElement* element) {
    const bool ready = gst_element_set_state(element, GST_STATE_READY) != GST_STATE_CHANGE_FAILURE;
    gst_element_set_state(element, GST_STATE_NULL);
    return ready;
}

Encoder prepared(gst::Ref<GstElement> element, const Known& known, const EncoderChoice& choice,
                 std::uint64_t bitrate) {
    for (const auto& setting : known.settings) set(element.get(), setting.name, setting.value);
    if (known.settings.data() == vpx.data()) set(element.get(), "threads", std::to_string(thread_count()));
    if (choice.fec) set(element.get(), "inband-fec", "true");
    Encoder encoder{std::move(element), known.caps, known.profile, {}};
    encoder.set_bitrate = bitrate_setter(encoder.element.get(), known.bitrate, known.unit);
    encoder.set_bitrate(bitrate);
    return encoder;
}

/// An encoder that we know nothing of: as it is. Its output is told by its pad.
federation::Result<Encoder> unknown(const std::string& factory, bool video) {
    auto element = gst::take_floating(gst_element_factory_make(factory.c_str(), nullptr));
    if (!element)
        return federation::Error{"there is no encoder " + factory + ": see 'gst-inspect-1.0 " + factory +
                                 "', or choose another"};
    const auto pad = glib::take_ref(gst_element_get_static_pad(element.get(), "src"));
    if (!pad) return federation::Error{factory + " is no encoder"};
    const gst::Ptr<GstCaps> caps{gst_pad_query_caps(pad.get(), nullptr)};
    if (gst_caps_is_any(caps.get()) || gst_caps_is_empty(caps.get()))
        return federation::Error{factory + " is no encoder"};
    const std::string name = gst_structure_get_name(gst_caps_get_structure(caps.get(), 0));
    if (!name.starts_with(video ? "video/" : "audio/")) return federation::Error{factory + " makes " + name};
    return Encoder{std::move(element), name, {}, [](std::uint64_t) {}};
}

}  // namespace

federation::Result<Encoder> make_encoder(bool video, const EncoderChoice& choice, std::uint64_t bitrate) {
    std::string tried;
    for (const Known& known : table(video)) {
        if (!choice.factory.empty() && choice.factory != known.factory) continue;
        if (!choice.codec.empty() && choice.codec != known.caps) continue;
        auto element = gst::take_floating(gst_element_factory_make(known.factory, nullptr));
        if (element && opens(element.get())) return prepared(std::move(element), known, choice, bitrate);
        tried += std::string{tried.empty() ? "" : ", "} + known.factory;
    }
    if (!choice.factory.empty() && tried.empty()) return unknown(choice.factory, video);
    if (tried.empty()) return federation::Error{"no encoder is known for " + choice.codec};
    return federation::Error{"no encoder could be opened (tried " + tried +
                             "): install one (Debian: gstreamer1.0-plugins-good has vp8enc, "
                             "gstreamer1.0-plugins-base opusenc), or give encoded media"};
}

std::vector<std::string_view> known_encoders(bool video) {
    std::vector<std::string_view> names;
    for (const Known& known : table(video)) names.emplace_back(known.factory);
    return names;
}

}  // namespace elements
