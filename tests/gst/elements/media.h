// SPDX-License-Identifier: LGPL-2.1-or-later
/// Pieces of pipelines for the tests of the elements.
#pragma once

#include <gst/gst.h>

#include <atomic>
#include <memory>
#include <string>

#include "gst/ptr.h"

namespace tests {

/// A pipeline that is stopped when the test is over, however that comes.
class Pipeline {
public:
    explicit Pipeline(const std::string& text) {
        GError* error = nullptr;
        GstElement* made = gst_parse_launch(text.c_str(), &error);
        if (error) g_error("%s: %s", text.c_str(), error->message);
        element_ = gst::take_floating(made);
    }
    ~Pipeline() { stop(); }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    GstStateChangeReturn to(GstState state) { return gst_element_set_state(element_.get(), state); }
    GstStateChangeReturn play() { return to(GST_STATE_PLAYING); }
    void stop() { to(GST_STATE_NULL); }
    [[nodiscard]] gst::Ref<GstElement> get(const char* name) const {
        return gst::Ref<GstElement>{gst_bin_get_by_name(GST_BIN(element_.get()), name)};
    }
    [[nodiscard]] GstElement* element() const { return element_.get(); }

    using Message = std::unique_ptr<GstMessage, void (*)(GstMessage*)>;
    /// The next message of these types; null if none comes in time.
    [[nodiscard]] Message wait_for(GstMessageType types, unsigned seconds = 20) const {
        const auto bus = glib::take_ref(gst_element_get_bus(element_.get()));
        return {gst_bus_timed_pop_filtered(bus.get(), seconds * GST_SECOND, types), [](GstMessage* message) {
                    if (message) gst_message_unref(message);
                }};
    }
    /// The element message of this name, or null; an error ends the wait.
    [[nodiscard]] Message wait_for_element(const char* name, unsigned seconds = 20) const {
        for (;;) {
            auto message =
                wait_for(static_cast<GstMessageType>(GST_MESSAGE_ELEMENT | GST_MESSAGE_ERROR), seconds);
            if (!message || GST_MESSAGE_TYPE(message.get()) == GST_MESSAGE_ERROR) {
                if (message) g_printerr("%s\n", error_of(message.get()).c_str());
                return {nullptr, [](GstMessage*) {}};
            }
            if (gst_message_has_name(message.get(), name)) return message;
        }
    }
    static std::string error_of(GstMessage* message) {
        GError* error = nullptr;
        char* debug = nullptr;
        gst_message_parse_error(message, &error, &debug);
        std::string text = error->message;
        g_error_free(error);
        g_free(debug);
        return text;
    }

private:
    gst::Ref<GstElement> element_;
};

/// How many buffers have come to a fakesink, whose messages are counted by a probe.
class Counter {
public:
    explicit Counter(GstElement* sink) {
        const auto pad = glib::take_ref(gst_element_get_static_pad(sink, "sink"));
        gst_pad_add_probe(
            pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
            [](GstPad*, GstPadProbeInfo*, gpointer count) {
                ++**static_cast<std::shared_ptr<std::atomic<int>>*>(count);
                return GST_PAD_PROBE_OK;
            },
            new std::shared_ptr<std::atomic<int>>{count_},
            [](gpointer count) { delete static_cast<std::shared_ptr<std::atomic<int>>*>(count); });
    }
    [[nodiscard]] int count() const { return *count_; }

private:
    std::shared_ptr<std::atomic<int>> count_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace tests
