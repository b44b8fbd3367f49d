// SPDX-License-Identifier: LGPL-2.1-or-later
// What the two elements add to the way of a packet: from the application that pushes RTP into one pipeline to
// the one that takes it out of another, on one machine. No encoder, no decoder.
#include <gst/app/app.h>
#include <gst/gst.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gst/ptr.h"

namespace {

constexpr int pictures_per_second = 30, packets_per_picture = 4;
constexpr std::size_t header_bytes = 12, packet_bytes = 1000;
constexpr std::size_t mark_at = header_bytes + 4;  // behind VP8's payload descriptor and a frame's tag
constexpr auto warm_up = std::chrono::seconds{2};

std::int64_t now_us() {
    return g_get_monotonic_time();
}

gst::Ref<GstElement> pipeline(const std::string& text) {
    GError* error = nullptr;
    auto out = gst::take_floating(gst_parse_launch(text.c_str(), &error));
    if (error != nullptr) throw std::runtime_error{error->message};
    return out;
}

gst::Ref<GstElement> named(GstElement* bin, const char* name) {
    return gst::Ref<GstElement>{gst_bin_get_by_name(GST_BIN(bin), name)};
}

/// Waits for what the element says; its structure, or an error.
std::string published_uri(GstElement* bin) {
    const gst::Ref<GstBus> bus{gst_element_get_bus(bin)};
    for (;;) {
        auto* const message = gst_bus_timed_pop_filtered(
            bus.get(), 10 * GST_SECOND, static_cast<GstMessageType>(GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR));
        if (message == nullptr) throw std::runtime_error{"the stream was not published"};
        std::string uri;
        if (gst_message_has_name(message, "viaduct-published"))
            uri = gst_structure_get_string(gst_message_get_structure(message), "uri");
        const bool failed = GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
        gst_message_unref(message);
        if (failed) throw std::runtime_error{"viaductsink failed"};
        if (!uri.empty()) return uri;
    }
}

gst::Ptr<GstBuffer> packet(std::uint16_t number, int picture, bool first, bool last) {
    gst::Ptr<GstBuffer> out{gst_buffer_new_allocate(nullptr, packet_bytes, nullptr)};
    std::array<std::uint8_t, packet_bytes> octets{};
    const auto at = static_cast<std::uint32_t>(picture * (90000 / pictures_per_second));
    octets[0] = 0x80;
    octets[1] = static_cast<std::uint8_t>(96 | (last ? 0x80 : 0));
    octets[2] = static_cast<std::uint8_t>(number >> 8);
    octets[3] = static_cast<std::uint8_t>(number);
    for (std::size_t i = 0; i < 4; ++i) octets[4 + i] = static_cast<std::uint8_t>(at >> (24 - 8 * i));
    octets[11] = 7;
    octets[12] = first ? 0x10 : 0;  // begins a partition; and a keyframe, by its first bit
    const auto now = now_us();
    std::memcpy(octets.data() + mark_at, &now, sizeof now);
    gst_buffer_fill(out.get(), 0, octets.data(), octets.size());
    return out;
}

struct Delays {
    std::mutex mutex;
    std::vector<std::int64_t> all;
    std::atomic<bool> count = false;
};

GstFlowReturn take(GstAppSink* sink, gpointer data) {
    auto* const sample = gst_app_sink_pull_sample(sink);
    if (sample == nullptr) return GST_FLOW_EOS;
    std::int64_t sent = 0;
    const bool whole =
        gst_buffer_extract(gst_sample_get_buffer(sample), mark_at, &sent, sizeof sent) == sizeof sent;
    gst_sample_unref(sample);
    auto& delays = *static_cast<Delays*>(data);
    if (!whole || !delays.count) return GST_FLOW_OK;
    const std::lock_guard lock{delays.mutex};
    delays.all.push_back(now_us() - sent);
    return GST_FLOW_OK;
}

std::uint64_t push(GstElement* in, double seconds, Delays& delays) {
    const auto begin = std::chrono::steady_clock::now();
    const auto end = begin + warm_up + std::chrono::duration<double>{seconds};
    std::uint64_t sent = 0;
    std::uint16_t number = 0;
    for (int picture = 0;; ++picture) {
        const auto due = begin + std::chrono::microseconds{1'000'000LL * picture / pictures_per_second};
        if (due >= end) return sent;
        std::this_thread::sleep_until(due);
        delays.count = due >= begin + warm_up;
        for (int i = 0; i < packets_per_picture; ++i) {
            auto each = packet(number++, picture, i == 0, i + 1 == packets_per_picture);
            if (delays.count) ++sent;
            gst_app_src_push_buffer(GST_APP_SRC(in), each.release());
        }
    }
}

void measure(const std::string& node, const std::string& key, const std::string& latency, double seconds) {
    const auto settings = "bootstrap=" + node + " listen-address=127.0.0.1";
    const auto from = pipeline(
        "appsrc name=in is-live=true format=time do-timestamp=true caps=application/x-rtp,media=video,"
        "encoding-name=VP8,payload=96,clock-rate=90000 ! viaductsink stream=delay identity-file=" +
        key + " " + settings);
    gst_element_set_state(from.get(), GST_STATE_PLAYING);
    const auto in = named(from.get(), "in");
    const auto to = pipeline("viaductsrc rtp=true latency=" + latency + " uri=" + published_uri(from.get()) +
                             " " + settings + " ! appsink name=out sync=false");
    Delays delays;
    const auto out = named(to.get(), "out");
    GstAppSinkCallbacks callbacks{};
    callbacks.new_sample = take;
    gst_app_sink_set_callbacks(GST_APP_SINK(out.get()), &callbacks, &delays, nullptr);
    gst_element_set_state(to.get(), GST_STATE_PLAYING);
    const auto sent = push(in.get(), seconds, delays);
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    gst_element_set_state(to.get(), GST_STATE_NULL);
    gst_element_set_state(from.get(), GST_STATE_NULL);
    auto& all = delays.all;
    std::sort(all.begin(), all.end());
    const auto at = [&](double share) {
        return all.empty() ? -1.0
                           : static_cast<double>(
                                 all[static_cast<std::size_t>(share * static_cast<double>(all.size() - 1))]) /
                                 1000;
    };
    std::printf("{\"sent\":%llu,\"received\":%zu,\"p50\":%.3f,\"p99\":%.3f,\"most\":%.3f}\n",
                static_cast<unsigned long long>(sent), all.size(), at(0.5), at(0.99), at(1));
}

}  // namespace

int main(int argc, char** argv) try {
    gst_init(&argc, &argv);
    if (argc != 5) {
        std::fprintf(stderr, "usage: stream-delay BOOTSTRAP IDENTITY_FILE LATENCY_MS SECONDS\n");
        return 2;
    }
    measure(argv[1], argv[2], argv[3], std::atof(argv[4]));
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "stream-delay: %s\n", error.what());
    return 1;
}
