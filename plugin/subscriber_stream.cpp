// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/subscriber_stream.h"

#include <algorithm>
#include <array>

namespace plugin {

namespace {

/// Most playout delays in units of 10 ms: the least that is no special case, and the most that can be said.
constexpr int at_once = 1, at_leisure = 4095;
/// Packets may be lost.
constexpr std::chrono::seconds hurry_over_told{1};

/// What a rewritten packet may differ in: the fixed header, and VP8's descriptor.
constexpr std::size_t header = 12, descriptor_max = 6;

/// Puts back what was there, for whoever gets the packet next.
class Restored {
public:
    Restored(std::span<std::uint8_t> packet, std::size_t payload) : packet_(packet), payload_(payload) {
        std::copy_n(packet.begin(), header, header_.begin());
        size_ = std::min(descriptor_max, packet.size() - payload);
        std::copy_n(packet.begin() + static_cast<std::ptrdiff_t>(payload), size_, descriptor_.begin());
    }
    ~Restored() {
        std::copy_n(header_.begin(), header, packet_.begin());
        std::copy_n(descriptor_.begin(), size_, packet_.begin() + static_cast<std::ptrdiff_t>(payload_));
    }
    Restored(const Restored&) = delete;
    Restored& operator=(const Restored&) = delete;

private:
    std::span<std::uint8_t> packet_;
    std::size_t payload_, size_ = 0;
    std::array<std::uint8_t, header> header_{};
    std::array<std::uint8_t, descriptor_max> descriptor_{};
};

}  // namespace

void SubscriberStream::take(const std::shared_ptr<Feed>& feed, int mindex, bool whole) {
    const std::lock_guard lock{mutex_};
    feed_ = feed;
    source_ = feed.get();
    source_mindex_ = mindex;
    whole_ = whole || !video_;
    const auto& streams = feed->streams();
    svc_ = static_cast<std::size_t>(mindex) < streams.size() && streams[static_cast<std::size_t>(mindex)].svc;
    restart();
}

void SubscriberStream::payload_types(PayloadTypes types) {
    const std::lock_guard lock{mutex_};
    types_ = types;
}

void SubscriberStream::aim(const LayerSelector::Aim& aim) {
    const std::lock_guard lock{mutex_};
    aim_ = aim;
    selector_.aim(aim);
}

void SubscriberStream::playout_delay(int least, int most) {
    const std::lock_guard lock{mutex_};
    least_delay_ = least;
    most_delay_ = most;
}

void SubscriberStream::open(bool open) {
    if (open_.exchange(open) || !open) return;
    {
        // Pictures have been missed since.
        const std::lock_guard lock{mutex_};
        restart();
    }
    if (video_) want_keyframe();
}

unsigned SubscriberStream::layers() const {
    if (!wants_) return 0;
    const std::lock_guard lock{mutex_};
    // What comes now is gone without until what is aimed at has come.
    const int current = svc_ ? selector_.spatial() : selector_.substream();
    return 1U << static_cast<unsigned>(svc_ ? aim_.spatial : aim_.substream) |
           (current >= 0 ? 1U << static_cast<unsigned>(current) : 0U);
}

int SubscriberStream::substream() const {
    const std::lock_guard lock{mutex_};
    return selector_.substream();
}

int SubscriberStream::spatial() const {
    const std::lock_guard lock{mutex_};
    return selector_.spatial();
}

int SubscriberStream::temporal() const {
    const std::lock_guard lock{mutex_};
    return selector_.temporal();
}

void SubscriberStream::want_keyframe() {
    std::unique_lock lock{mutex_};
    const auto feed = feed_.lock();
    const int mindex = source_mindex_;
    lock.unlock();
    if (feed) feed->want_keyframe(mindex);
}

void SubscriberStream::restart() {
    selector_.restart();
    numbers_.restart();
    fresh_ = true;
    first_.reset();
}

/// A browser keeps pictures back for as long as keyframes took to come, a fifth of a second when there were
/// several. The first picture of another source need not wait for that: its packets ask to be shown at once,
/// and those behind it that all is as before.
void SubscriberStream::hurry(const FeedPacket& packet, Edit& edit) {
    if (fresh_ && edit.timestamp != first_.value_or(edit.timestamp)) {
        fresh_ = false;
        hurried_until_ = packet.now + hurry_over_told;
    }
    if (fresh_) first_ = edit.timestamp;
    const bool asked = edit.least_delay >= 0 || packet.extensions.min_delay >= 0;
    if (asked || (!fresh_ && packet.now >= hurried_until_)) return;
    edit.least_delay = 0;
    edit.most_delay = fresh_ ? at_once : at_leisure;
}

bool SubscriberStream::judge(const FeedPacket& packet, Edit& edit) {
    if (packet.feed != source_) return false;  // it was switched away from meanwhile
    const int type = packet.codec == "red" ? types_.red : types_.media;
    if (type < 0) return false;
    edit.payload_type = static_cast<std::uint8_t>(type);
    edit.least_delay = least_delay_;
    edit.most_delay = most_delay_;
    if (whole_) {
        const auto numbers = numbers_.number(packet.parsed.sequence(), packet.parsed.timestamp(),
                                             packet.stream.clock, packet.now);
        edit.sequence = numbers.sequence;
        edit.timestamp = numbers.timestamp;
        return true;
    }
    edit.verdict = selector_.judge(packet.layer.value_or(0), packet.parsed, packet.codec,
                                   packet.parsed.extension(packet.stream.dependencies), packet.now);
    edit.sequence = edit.verdict.sequence;
    edit.timestamp = edit.verdict.timestamp;
    if (edit.verdict.forward) hurry(packet, edit);
    return edit.verdict.forward;
}

void SubscriberStream::packet(const FeedPacket& packet) {
    if (!open_.load(std::memory_order_relaxed)) return;
    Edit edit;
    bool forward = false;
    {
        const std::lock_guard lock{mutex_};
        forward = judge(packet, edit);
    }
    if (edit.verdict.wants_keyframe) want_keyframe();
    meter_.count(packet.layer.value_or(edit.verdict.its_spatial), edit.verdict.its_temporal,
                 packet.octets.size());
    tell(packet, edit.verdict);
    if (forward) relay(packet, edit);
}

void SubscriberStream::tell(const FeedPacket& packet, const LayerSelector::Verdict& verdict) const {
    if (packet.layer && verdict.substream) told_("substream", *verdict.substream);
    if (packet.layer && verdict.temporal) told_("temporal", *verdict.temporal);
    if (packet.layer || !packet.stream.svc) return;
    if (verdict.spatial) told_("spatial_layer", *verdict.spatial);
    if (verdict.temporal) told_("temporal_layer", *verdict.temporal);
}

void SubscriberStream::relay(const FeedPacket& packet, const Edit& edit) {
    const auto octets = packet.octets;
    const Restored restored{octets, packet.parsed.payload_offset()};
    octets[1] = static_cast<std::uint8_t>((octets[1] & 0x80U) | edit.payload_type);
    set_sequence(octets, edit.sequence);
    set_timestamp(octets, edit.timestamp);
    if (edit.verdict.forward) LayerSelector::rewrite(edit.verdict, octets, packet.parsed.payload_offset());
    janus_plugin_rtp rtp{};
    rtp.mindex = mindex_;
    rtp.video = video_;
    rtp.buffer = reinterpret_cast<char*>(octets.data());
    rtp.length = static_cast<std::uint16_t>(octets.size());
    rtp.extensions = packet.extensions;
    if (edit.verdict.frame) set_frame(rtp.extensions, *edit.verdict.frame);
    if (edit.least_delay >= 0) rtp.extensions.min_delay = static_cast<std::int16_t>(edit.least_delay);
    if (edit.most_delay >= 0) rtp.extensions.max_delay = static_cast<std::int16_t>(edit.most_delay);
    packets_.fetch_add(1, std::memory_order_relaxed);
    if (estimate_) estimate_->sent(video_, octets.size(), packet.now);
    line_->relay_rtp(rtp);
}

}  // namespace plugin
