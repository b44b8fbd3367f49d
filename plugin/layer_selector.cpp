// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/layer_selector.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "plugin/codec.h"
#include "plugin/vp8.h"
#include "plugin/vp9.h"

namespace plugin {

namespace {

/// A request may be lost on the way: while the wanted layer comes without a keyframe we ask again.
constexpr std::chrono::milliseconds keyframe_retry{500};

/// A layer is not gone because pictures are rare: others must have gone on without it by so many.
constexpr int frames_ahead = 3;

/// A packet that is further behind is of no use to a jitter buffer, and would need a longer memory.
constexpr int late_max = 1024;

/// How much later `a` is than `b`, on a circle of 65,536.
int distance(std::uint16_t a, std::uint16_t b) {
    return static_cast<std::int16_t>(static_cast<std::uint16_t>(a - b));
}

}  // namespace

LayerSelector::Verdict LayerSelector::judge(int layer, const RtpPacket& packet, std::string_view codec,
                                            std::span<const std::uint8_t> dependencies, dht::Time now) {
    Verdict verdict;
    vp8_ = codec == "vp8";
    note(layer, packet, now);
    const int target = wanted(now);
    const bool keyframe = begins_keyframe(codec, packet.payload());
    if (is_better(layer, target)) {
        if (keyframe) {
            switch_to(layer, packet, now);
            verdict.substream = layer;
        } else if (!asked_ || now - *asked_ >= keyframe_retry) {
            asked_ = now;
            verdict.wants_keyframe = true;
        }
    }
    const auto where = place(layer, packet, codec, dependencies);
    if (where) {
        verdict.its_spatial = where->spatial;
        verdict.its_temporal = where->temporal;
    }
    if (layer != current_ || is_too_late(packet.sequence())) return verdict;
    if (where && !pass(*where, keyframe, now, verdict)) {
        drop(packet.sequence());
        return verdict;
    }
    verdict.forward = true;
    number(packet, now, verdict);
    number_frame(dependencies, verdict);
    return verdict;
}

/// Both, so that each knows where it is.
bool LayerSelector::pass(const Place& place, bool keyframe, dht::Time now, Verdict& verdict) {
    const bool temporal = pass_temporal(place, keyframe, now, verdict);
    return (!place.layered || pass_spatial(place, keyframe, now, verdict)) && temporal;
}

void LayerSelector::restart() {
    seen_ = {};
    current_ = spatial_ = temporal_ = -1;
    asked_.reset();
    held_since_.reset();
}

void LayerSelector::rewrite(const Verdict& verdict, std::span<std::uint8_t> packet, std::size_t payload) {
    set_sequence(packet, verdict.sequence);
    set_timestamp(packet, verdict.timestamp);
    if (verdict.marker) set_marker(packet);
    if (verdict.vp8) renumber_vp8(packet.subspan(payload), verdict.vp8->picture, verdict.vp8->base_picture);
}

void LayerSelector::note(int layer, const RtpPacket& packet, dht::Time now) {
    auto& seen = seen_.at(static_cast<std::size_t>(layer));
    seen.at = now;
    seen.frames_since = 0;
    if (!packet.marker()) return;  // not the end of a picture
    for (int above = layer + 1; above < simulcast_layers; ++above)
        ++seen_.at(static_cast<std::size_t>(above)).frames_since;
}

int LayerSelector::wanted(dht::Time now) const {
    for (int layer = aim_.substream; layer >= 0; --layer) {
        const auto& seen = seen_.at(static_cast<std::size_t>(layer));
        const bool gone = !seen.at || (now - *seen.at > aim_.fallback && seen.frames_since >= frames_ahead);
        if (!gone) return layer;
    }
    return aim_.substream;
}

bool LayerSelector::is_better(int layer, int wanted) const {
    if (current_ < 0) return true;
    // Downwards every layer will do for the moment: the wanted one may not be there.
    return wanted > current_ ? layer > current_ && layer <= wanted : wanted < current_ && layer < current_;
}

void LayerSelector::switch_to(int layer, const RtpPacket& packet, dht::Time now) {
    current_ = layer;
    spatial_ = -1;
    asked_.reset();
    new_frames_ = true;
    first_ = highest_ = packet.sequence();
    first_is_near_ = true;
    left_out_.clear();
    if (!sent_) return;
    const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - sent_at_).count();
    const auto ticks = static_cast<std::uint32_t>(std::max<std::int64_t>(1, since * 90 / 1000));
    sequence_delta_ = static_cast<std::uint16_t>(sent_sequence_ + 1 - packet.sequence());
    timestamp_delta_ = sent_timestamp_ + ticks - packet.timestamp();
    const auto descriptor = vp8_ ? Vp8Descriptor::parse(packet.payload()) : std::nullopt;
    if (!descriptor) return;
    picture_delta_ = static_cast<std::uint16_t>(sent_picture_ + 1 - descriptor->picture.value_or(0));
    base_picture_delta_ =
        static_cast<std::uint8_t>(sent_base_picture_ + 1 - descriptor->base_picture.value_or(0));
}

std::optional<LayerSelector::Place> LayerSelector::place(int layer, const RtpPacket& packet,
                                                         std::string_view codec,
                                                         std::span<const std::uint8_t> dependencies) {
    auto& reader = seen_.at(static_cast<std::size_t>(layer)).dependencies;
    const auto frame = reader.read(dependencies);
    if (const auto vp9 = codec == "vp9" ? Vp9Descriptor::parse(packet.payload()) : std::nullopt) {
        if (!vp9->layered) return std::nullopt;
        // Pictures behind this one need none of those that were left out.
        const bool up = vp9->switching_up && vp9->temporal <= temporal_;
        return Place{vp9->begins_frame, vp9->ends_frame,   vp9->spatial,
                     vp9->temporal,     up ? INT_MAX : -1, true};
    }
    if (frame)
        return Place{frame->begins,   frame->ends,        frame->spatial,
                     frame->temporal, frame->switches_to, codec == "av1"};
    const auto descriptor = vp8_ ? Vp8Descriptor::parse(packet.payload()) : std::nullopt;
    if (!descriptor || !descriptor->temporal) return std::nullopt;
    // It refers to nothing that was left out.
    const bool up = descriptor->layer_sync && *descriptor->temporal == temporal_ + 1;
    return Place{.begins_frame = descriptor->begins_frame,
                 .temporal = *descriptor->temporal,
                 .switches_to = up ? *descriptor->temporal : -1};
}

bool LayerSelector::pass_temporal(const Place& place, bool keyframe, dht::Time now, Verdict& verdict) {
    const int layer = place.temporal;
    const int before = temporal_;
    // Of a picture in layers the lowest decides for all.
    if (place.begins_frame && place.spatial == 0 && temporal_ != aim_.temporal) {
        const bool all_pass = temporal_ < 0;
        if (all_pass ? layer == aim_.temporal || keyframe : keyframe || aim_.temporal < temporal_)
            temporal_ = aim_.temporal;
        else if (!all_pass && place.switches_to > temporal_)
            temporal_ = std::min(place.switches_to, aim_.temporal);
    }
    if (temporal_ != before && temporal_ == aim_.temporal) verdict.temporal = temporal_;
    if (temporal_ < 0 || temporal_ >= aim_.temporal)
        held_since_.reset();
    else if (!held_since_)
        held_since_ = now;
    else if (now - *held_since_ >= keyframe_retry) {
        held_since_ = now;
        verdict.wants_keyframe = true;  // nothing that comes says that it would do
    }
    return temporal_ < 0 || layer <= temporal_;
}

bool LayerSelector::pass_spatial(const Place& place, bool keyframe, dht::Time now, Verdict& verdict) {
    const int before = spatial_;
    const bool begins_picture = place.begins_frame && place.spatial == 0;
    if (keyframe || (begins_picture && aim_.spatial < spatial_)) spatial_ = aim_.spatial;
    if (spatial_ != before) verdict.spatial = spatial_;
    if (aim_.spatial <= spatial_)
        asked_spatial_.reset();
    else if (!asked_spatial_ || now - *asked_spatial_ >= keyframe_retry) {
        asked_spatial_ = now;
        verdict.wants_keyframe = true;
    }
    verdict.marker = place.ends_frame && place.spatial == spatial_;
    return place.spatial <= spatial_;
}

bool LayerSelector::is_too_late(std::uint16_t sequence) const {
    if (distance(sequence, highest_) < -late_max) return true;
    return first_is_near_ && distance(sequence, first_) < 0;
}

void LayerSelector::drop(std::uint16_t sequence) {
    // Numbers behind a late one are given away already: its gap stays.
    if (distance(sequence, highest_) <= 0) return;
    highest_ = sequence;
    left_out_.push_back(sequence);
    --sequence_delta_;
}

void LayerSelector::number(const RtpPacket& packet, dht::Time now, Verdict& verdict) {
    const std::uint16_t sequence = packet.sequence();
    if (distance(sequence, highest_) > 0) highest_ = sequence;
    if (distance(highest_, first_) > late_max || distance(highest_, first_) < 0) first_is_near_ = false;
    while (!left_out_.empty() && distance(highest_, left_out_.front()) > late_max) left_out_.pop_front();

    // A late packet was not moved up by what has been left out behind it.
    const auto is_behind = [&](std::uint16_t other) { return distance(other, sequence) > 0; };
    const auto behind = sequence == highest_ ? 0 : std::ranges::count_if(left_out_, is_behind);
    verdict.sequence = static_cast<std::uint16_t>(sequence + sequence_delta_ + behind);
    verdict.timestamp = packet.timestamp() + timestamp_delta_;
    if (const auto descriptor = vp8_ ? Vp8Descriptor::parse(packet.payload()) : std::nullopt) {
        verdict.vp8 = {static_cast<std::uint16_t>(descriptor->picture.value_or(0) + picture_delta_),
                       static_cast<std::uint8_t>(descriptor->base_picture.value_or(0) + base_picture_delta_)};
    }
    if (sent_ && distance(verdict.sequence, sent_sequence_) <= 0) return;
    sent_ = true;
    sent_sequence_ = verdict.sequence;
    sent_timestamp_ = verdict.timestamp;
    sent_at_ = now;
    if (verdict.vp8) {
        sent_picture_ = verdict.vp8->picture;
        sent_base_picture_ = verdict.vp8->base_picture;
    }
}

/// Frames that are left out leave gaps: others refer to them by distances.
void LayerSelector::number_frame(std::span<const std::uint8_t> dependencies, Verdict& verdict) {
    const auto number = dependency_frame(dependencies);
    if (!number) return;
    if (std::exchange(new_frames_, false))
        frame_delta_ = sent_frame_ ? static_cast<std::uint16_t>(*sent_frame_ + 1 - *number) : 0;
    const auto written = static_cast<std::uint16_t>(*number + frame_delta_);
    verdict.frame = written;
    if (!sent_frame_ || distance(written, *sent_frame_) > 0) sent_frame_ = written;
}

}  // namespace plugin
