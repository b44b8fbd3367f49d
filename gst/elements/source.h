// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gst/elements/continuity.h"
#include "gst/elements/description.h"
#include "gst/elements/node_settings.h"
#include "gst/elements/station.h"
#include "gst/elements/subscription.h"
#include "gst/elements/weak_element.h"

namespace elements {

/// What applications set at a viaductsrc.
struct SourceSettings {
    NodeSettings node{};
    std::string uri{};
    std::string display_name{};
    bool rtp = false;        ///< pads show RTP, not what is in it
    unsigned latency = 100;  ///< milliseconds of the jitter buffer
    unsigned timeout = 5;    ///< seconds until the first media may be found
    unsigned reconnect_timeout = 60;
    std::uint64_t max_bitrate = 0;
    bool retransmission = true;
};

/// viaductsrc without GObject: what is subscribed to, put in order by an rtpbin, on a pad for each stream.
class Source {
public:
    explicit Source(GstBin* bin) : bin_(bin) {}

    /// Under the element's object lock, as all settings.
    SourceSettings settings{};

    // Around the state changes of the bin.
    /// READY to PAUSED. False if the settings are wrong; the message is posted.
    bool start();
    /// PAUSED to READY, when nothing flows any more.
    void stop();
    /// READY to NULL.
    void leave();

    [[nodiscard]] GstStructure* stats() const;

private:
    /// One stream, from the lane to the pad.
    struct Line {
        explicit Line(const StreamDescription& of);
        StreamDescription stream;
        std::string name;  ///< of the pad
        std::mutex mutex;  ///< guards `continuity`
        Continuity continuity;
        gst::Ref<GstElement> rtp, rtcp;  ///< appsrcs
        gst::Ref<GstElement> red;        ///< where packets repeat earlier ones
        gst::Ref<GstElement> chain;      ///< what depayloads; null: RTP is shown
        gst::Ref<GstPad> pad;            ///< the element's, once media has come
    };
    using Lines = std::array<std::shared_ptr<Line>, streams_max>;

    Subscription::Events events();
    void described(const FeedDescription& feed);
    void make_rtpbin();
    void add_line(const StreamDescription& stream);
    void remove_line(std::uint8_t mindex);
    /// `through`: an element between it and rtpbin, or null.
    gst::Ref<GstElement> add_appsrc(const char* name, std::uint8_t mindex, const GstCaps* caps,
                                    GstElement* through = nullptr);
    void show_collection();
    void packet(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet);
    void pad_added(GstPad* pad);
    gst::Ref<GstPad> depayloaded(Line& line, GstPad* pad);
    GstPadProbeReturn on_upstream(GstPadProbeInfo* info, std::uint8_t mindex);
    GstPadProbeReturn on_downstream(GstPadProbeInfo* info, const Line& line);
    std::shared_ptr<Line> line(std::uint8_t mindex) const;
    std::string pad_name(const StreamDescription& stream) const;
    std::shared_ptr<Subscription> subscription() const;

    GstBin* const bin_;
    std::shared_ptr<Station> station_;  ///< used by state changes only

    std::mutex building_;  ///< held while elements are put in or taken out
    bool started_ = false;
    gst::Ref<GstElement> rtpbin_;
    std::size_t pads_shown_ = 0;

    mutable std::mutex mutex_;  ///< guards what follows; never held while anything is called
    Lines lines_{};
    std::shared_ptr<Subscription> subscription_;
    std::shared_ptr<GstStreamCollection> collection_;
    std::string subject_;  ///< the URI, as it was started with
    bool raw_rtp_ = false;
    guint group_ = 0;
};

}  // namespace elements
