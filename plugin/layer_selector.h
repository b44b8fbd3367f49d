// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>

#include "dht/time.h"
#include "plugin/dependencies.h"
#include "plugin/rtp.h"

namespace plugin {

/// A browser sends at most so many sizes of one picture (Janus knows three).
constexpr int simulcast_layers = 3;

/// Lets one layer of a simulcast through at a time, and of a picture in layers (SVC) those up to one, so that
/// what comes out is one stream that never changed: sequence numbers, timestamps, VP8's picture numbers and a
/// dependency descriptor's frame numbers go on across a switch. Janus has one of its own, whose structures
/// and functions differ between releases of one API version.
///
/// A larger layer begins at a keyframe. Packets may come late and out of order, as those do that a trunk has
/// repaired.
class LayerSelector {
public:
    struct Aim {
        int substream = simulcast_layers - 1;
        int temporal = 2;  ///< of VP8, VP9, and of what has a dependency descriptor
        /// A layer that has been silent for so long, while others went on, is done without.
        std::chrono::microseconds fallback = std::chrono::milliseconds{250};
        int spatial = simulcast_layers - 1;  ///< of VP9 and AV1
    };

    /// What is to become of a packet.
    struct Verdict {
        bool forward = false;
        bool wants_keyframe = false;   ///< ask the sender for one
        std::optional<int> substream;  ///< told when it is this one from now on
        std::optional<int> spatial, temporal;
        int its_spatial = 0, its_temporal = 0;  ///< the packet's own

        // What is written over the packet.
        std::uint16_t sequence = 0;
        std::uint32_t timestamp = 0;
        bool marker = false;                   ///< it ends what is left of its picture
        std::optional<std::uint16_t> frame{};  ///< of the dependency descriptor
        struct Vp8 {
            std::uint16_t picture = 0;
            std::uint8_t base_picture = 0;
        };
        std::optional<Vp8> vp8;
    };

    void aim(const Aim& aim) { aim_ = aim; }
    /// What comes from now on is of another source: it begins at a keyframe, and goes on in the numbers of
    /// the one before.
    void restart();
    /// -1: none yet.
    [[nodiscard]] int substream() const { return current_; }
    /// -1: none yet, or there are none.
    [[nodiscard]] int spatial() const { return spatial_; }
    /// -1: no limit yet.
    [[nodiscard]] int temporal() const { return temporal_; }

    /// `layer` counts from the smallest picture, 0. `codec` is the name of an rtpmap in lower case,
    /// `dependencies` the header extension, which may be empty.
    Verdict judge(int layer, const RtpPacket& packet, std::string_view codec,
                  std::span<const std::uint8_t> dependencies, dht::Time now);
    /// Writes the new numbers into a copy of the packet that was judged, which begins its payload at
    /// `payload`.
    static void rewrite(const Verdict& verdict, std::span<std::uint8_t> packet, std::size_t payload);

private:
    struct Seen {
        std::optional<dht::Time> at;
        int frames_since = 0;  ///< of smaller layers
        DependencyReader dependencies{};
    };
    /// Where a packet stands in its stream.
    struct Place {
        bool begins_frame = false, ends_frame = false;  ///< of one spatial layer
        int spatial = 0, temporal = 0;
        int switches_to = -1;  ///< up to here more pictures may be taken from now on
        bool layered = false;  ///< in space
    };

    void note(int layer, const RtpPacket& packet, dht::Time now);
    /// The layer to be at, by what is aimed at and what there is.
    [[nodiscard]] int wanted(dht::Time now) const;
    [[nodiscard]] bool is_better(int layer, int wanted) const;
    void switch_to(int layer, const RtpPacket& packet, dht::Time now);
    [[nodiscard]] std::optional<Place> place(int layer, const RtpPacket& packet, std::string_view codec,
                                             std::span<const std::uint8_t> dependencies);
    /// Whether the spatial layer lets the packet through.
    bool pass_spatial(const Place& place, bool keyframe, dht::Time now, Verdict& verdict);
    /// Whether the temporal layer lets the packet through.
    bool pass_temporal(const Place& place, bool keyframe, dht::Time now, Verdict& verdict);
    bool pass(const Place& place, bool keyframe, dht::Time now, Verdict& verdict);
    [[nodiscard]] bool is_too_late(std::uint16_t sequence) const;
    void drop(std::uint16_t sequence);
    void number(const RtpPacket& packet, dht::Time now, Verdict& verdict);
    void number_frame(std::span<const std::uint8_t> dependencies, Verdict& verdict);

    Aim aim_;
    bool vp8_ = false;  ///< the packet being judged is VP8
    std::array<Seen, simulcast_layers> seen_;
    int current_ = -1;
    int spatial_ = -1, temporal_ = -1;
    std::optional<dht::Time> asked_, asked_spatial_;
    std::optional<dht::Time> held_since_;  ///< more pictures are aimed at than can be taken

    // Of the layer since it was switched to: what is added to its numbers.
    std::uint16_t sequence_delta_ = 0;
    std::uint32_t timestamp_delta_ = 0;
    std::uint16_t picture_delta_ = 0;
    std::uint8_t base_picture_delta_ = 0;
    std::uint16_t frame_delta_ = 0;
    bool new_frames_ = true;                 ///< the first frame number of this source is still to come
    std::uint16_t first_ = 0, highest_ = 0;  ///< as they came in
    bool first_is_near_ = true;              ///< so near that lesser numbers are older ones
    std::deque<std::uint16_t> left_out_;     ///< of the last ones; each moves those behind it up

    // What was sent last.
    bool sent_ = false;
    std::uint16_t sent_sequence_ = 0;
    std::uint32_t sent_timestamp_ = 0;
    dht::Time sent_at_{};
    std::uint16_t sent_picture_ = 0;
    std::uint8_t sent_base_picture_ = 0;
    std::optional<std::uint16_t> sent_frame_;
};

}  // namespace plugin
