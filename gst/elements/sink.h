// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "gst/elements/node_settings.h"
#include "gst/elements/payload_chain.h"
#include "gst/elements/publication.h"
#include "gst/elements/station.h"
#include "gst/elements/weak_element.h"

namespace elements {

/// What applications set at a viaductsink. Bitrates are in bit/s.
struct SinkSettings {
    NodeSettings node{};
    std::string stream = "stream";
    std::string room{};
    std::string display_name{};
    std::string video_encoder{}, audio_encoder{};  ///< factories
    std::string video_codec{}, audio_codec{};      ///< of these caps' name
    std::uint64_t bitrate = 2'000'000, min_bitrate = 100'000, max_bitrate = 8'000'000;  ///< of video
    std::uint64_t audio_bitrate = 64'000;
    bool fec = false;
    bool retransmission = true;
    unsigned viewers_max = 1000;
};

/// The signals of the element, which its glue emits. On the thread of notices, but for the last two.
struct SinkSignals {
    std::function<bool(GstElement*, const char* viewer, const char* node_id)> accept_viewer;
    std::function<void(GstElement*, const char*viewer, const char*node_id)> viewer_added, viewer_removed;
    std::function<void(GstElement*)> published;
    std::function<void(GstElement*, const char*pad, GstElement*made)> encoder_setup, payloader_setup;
};

/// viaductsink without GObject: pads, the chains behind them, and the feed that they make.
class Sink {
public:
    Sink(GstBin* bin, SinkSignals signals);

    /// Under the element's object lock, as all settings.
    SinkSettings settings{};

    /// Null when there are as many as a feed can have, or the name is taken.
    GstPad* request_pad(GstPadTemplate* pad_template, const char* name);
    void release_pad(GstPad* pad);

    // Around the state changes of the bin.
    /// READY to PAUSED: publishes. False if the settings are wrong; the message is posted.
    bool publish();
    /// PAUSED to READY.
    void withdraw();
    /// READY to NULL.
    void leave();
    void end_of_stream();

    [[nodiscard]] std::string node_id() const;
    [[nodiscard]] std::string uri() const;
    [[nodiscard]] GstStructure* stats() const;
    void bitrate_changed();

private:
    /// One pad: an m-line of the feed.
    struct Line {
        std::uint8_t mindex = 0;
        bool video = false;
        std::string name;
        GstPad* pad = nullptr;  ///< the element's
        std::mutex mutex;       ///< guards what follows
        bool released = false;
        gst::Ref<GstElement> chain;
        std::string type;  ///< of the caps that it is for
        std::function<void(std::uint64_t)> set_bitrate;
    };

    static GstPadProbeReturn on_event(GstPad* pad, GstPadProbeInfo* info, gpointer line);
    struct Probed {
        Sink* sink;
        std::shared_ptr<Line> line;
    };
    bool take_caps(Line& line, GstCaps* caps);
    bool build(Line& line, const GstCaps* caps);
    void drop_chain(Line& line);
    LaneSinkCallbacks callbacks_for(const Line& line);
    std::shared_ptr<Publication> publication() const;
    Publication::Events events();
    Publication::Plan plan();
    void published(GstElement* element, const dht::NodeId& self, const std::string& bootstrap);
    void set_video_bitrate(std::uint64_t bits);
    void ask_keyframe(std::uint8_t mindex);
    std::shared_ptr<Line> line_of(std::uint8_t mindex) const;

    GstBin* const bin_;
    const SinkSignals signals_;
    std::shared_ptr<Station> station_;  ///< from PAUSED on until NULL; used by state changes only

    mutable std::mutex mutex_;  ///< guards what follows; never held while anything is called
    std::map<GstPad*, std::shared_ptr<Line>> lines_;
    std::shared_ptr<Publication> publication_;  ///< from PAUSED on
    std::string node_id_;
};

}  // namespace elements
