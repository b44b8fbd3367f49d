// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/lane_feeds.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "federation/glib/loop.h"
#include "plugin/keyframes.h"
#include "plugin/remb.h"
#include "plugin/stream.h"

namespace plugin {

namespace {

static_assert(gst::feed_layers == simulcast_layers);

/// The largest packet that a lane takes.
constexpr std::size_t packet_max = 1400;

}  // namespace

// ---- Where it comes out

const std::shared_ptr<Feed>& RemoteFeed::feed() {
    if (!feed_)
        feed_ = std::make_shared<Feed>([weak = weak_from_this()](int mindex) {
            if (const auto self = weak.lock()) self->ask_keyframe(mindex);
        });
    return feed_;
}

std::shared_ptr<gst::Lane> RemoteFeed::lane() const {
    const std::lock_guard lock{mutex_};
    return lane_;
}

void RemoteFeed::open(std::shared_ptr<gst::Lane> lane) {
    if (lane) lane->accept_data();
    const std::lock_guard lock{mutex_};
    lane_.swap(lane);
}

void RemoteFeed::subscribed(const std::set<int>& waiting) {
    const std::lock_guard lock{mutex_};
    coming_ = waiting;
}

void RemoteFeed::accepted() {
    std::set<int> unsaid;
    {
        const std::lock_guard lock{mutex_};
        accepted_ = true;
        unsaid.swap(unsaid_);
        coming_.clear();
    }
    for (const int mindex : unsaid) ask_keyframe(mindex);
}

void RemoteFeed::close() {
    // Let go outside the lock: closing a lane waits for a packet that is on its way.
    std::shared_ptr<gst::Lane> closed;
    const std::lock_guard lock{mutex_};
    lane_.swap(closed);
    accepted_ = false;
    unsaid_.clear();
    coming_.clear();
}

gst::LaneStats RemoteFeed::stats() const {
    const auto open = lane();
    return open ? open->stats() : gst::LaneStats{};
}

FeedWish RemoteFeed::wish() const {
    return feed_ ? feed_->wish() : FeedWish{};
}

void RemoteFeed::receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) {
    if (kind != gst::PacketKind::rtp || packet.size() > packet_max) return;
    const Stream from = Stream::from(stream);
    std::array<std::uint8_t, packet_max> copy;  // those who take it may write into it
    std::ranges::copy(packet, copy.begin());
    feed_->rtp(from.mindex, from.layer, std::span{copy.data(), packet.size()}, glib::now().time);
}

void RemoteFeed::receive_data(const gst::DataMessage& message) {
    feed_->data(message);
}

void RemoteFeed::ask_keyframe(int mindex) {
    const auto stream = Stream::octet(mindex);
    if (!stream) return;
    std::unique_lock lock{mutex_};
    const auto open = lane_;
    if (!open || !accepted_) {
        if (!coming_.contains(mindex)) unsaid_.insert(mindex);
        return;
    }
    lock.unlock();
    send_rtcp(open, *stream, {picture_loss_indication.begin(), picture_loss_indication.end()});
}

void RemoteFeed::send_rtcp(const std::shared_ptr<gst::Lane>& lane, std::uint8_t stream,
                           std::vector<std::uint8_t> packet) {
    // Not from within `receive`: the other end may be receiving as well, each waiting for the other.
    outbox_.post_feedback(queue_, [weak = std::weak_ptr{lane}, stream, packet = std::move(packet)] {
        if (const auto open = weak.lock()) open->send(gst::PacketKind::rtcp, stream, packet);
    });
}

void RemoteFeed::limit(const void* watcher, std::optional<std::uint32_t> bits_per_second, dht::Time now) {
    if (bits_per_second)
        limits_[watcher] = *bits_per_second;
    else
        limits_.erase(watcher);
    const auto open = lane();
    if (limits_.empty() || !open) return;
    const auto least =
        std::ranges::min_element(limits_, {}, [](const auto& each) { return each.second; })->second;
    if (least >= limit_told_ && now < limit_told_at_ + limit_interval) return;
    limit_told_ = least;
    limit_told_at_ = now;
    const auto packet = write_remb(least);
    send_rtcp(open, *Stream::octet(0), {packet.begin(), packet.end()});
}

// ---- Where it goes in

void LaneSender::set(const FeedWish& wish) {
    const std::lock_guard lock{mutex_};
    std::map<int, Line> lines;
    for (const auto& [mindex, layers] : wish) {
        lines[mindex] = lines_[mindex];
        lines[mindex].wanted = layers;
    }
    lines_ = std::move(lines);
}

void LaneSender::attach() {
    const auto feed = feed_.lock();
    if (!feed) return;
    std::set<int> mindexes;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [mindex, line] : lines_) mindexes.insert(mindex);
    }
    feed->attach_only(mindexes, shared_from_this());
}

void LaneSender::open(std::shared_ptr<gst::Lane> lane, const std::set<int>& waiting) {
    {
        const std::lock_guard lock{mutex_};
        lane_ = std::move(lane);
    }
    attach();
    // Whoever watches already sees a picture at once; whoever still connects asks when that is done.
    if (const auto feed = feed_.lock())
        for (const auto& stream : feed->streams())
            if (stream.video() && waiting.contains(stream.mindex)) feed->want_keyframe(stream.mindex);
}

void LaneSender::change(const FeedWish& wish, const std::set<int>& waiting) {
    std::vector<int> more;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [mindex, layers] : wish) {
            const auto line = lines_.find(mindex);
            if (!waiting.contains(mindex)) continue;
            if (line == lines_.end() || (layers & ~line->second.wanted) != 0) more.push_back(mindex);
        }
    }
    set(wish);
    attach();
    if (const auto feed = feed_.lock())
        for (const int mindex : more) feed->want_keyframe(mindex);
}

void LaneSender::close() {
    if (const auto feed = feed_.lock()) feed->detach(shared_from_this());
    std::shared_ptr<gst::Lane> closed;  // let go outside the lock
    const std::lock_guard lock{mutex_};
    lane_.swap(closed);
}

std::map<std::pair<int, int>, std::uint64_t> LaneSender::sent() const {
    const std::lock_guard lock{mutex_};
    std::map<std::pair<int, int>, std::uint64_t> counts;
    for (const auto& [mindex, line] : lines_)
        for (int layer = 0; layer < simulcast_layers; ++layer)
            if (const auto count = line.sent.at(static_cast<std::size_t>(layer)); count > 0)
                counts[{mindex, layer}] = count;
    return counts;
}

gst::LaneStats LaneSender::stats() const {
    const std::lock_guard lock{mutex_};
    return lane_ ? lane_->stats() : gst::LaneStats{};
}

bool LaneSender::passes(const Line& line, int layer, dht::Time now) {
    // In the place of one that is wished for, and silent.
    for (int wished = layer; wished < simulcast_layers; ++wished) {
        if ((line.wanted >> static_cast<unsigned>(wished) & 1U) == 0) continue;
        bool larger = false;
        for (int other = layer + 1; other <= wished; ++other) {
            const auto& seen = line.seen.at(static_cast<std::size_t>(other));
            larger |= seen && now - *seen < silence;
        }
        if (!larger) return true;
    }
    return false;
}

void LaneSender::packet(const FeedPacket& packet) {
    if (packet.stream.svc && !packet.layer) return send_layers(packet);
    const int layer = packet.layer.value_or(0);
    std::shared_ptr<gst::Lane> lane;
    {
        const std::lock_guard lock{mutex_};
        const auto line = lines_.find(packet.stream.mindex);
        if (line == lines_.end() || layer < 0 || layer >= simulcast_layers) return;
        line->second.seen.at(static_cast<std::size_t>(layer)) = packet.now;
        if (packet.layer && !passes(line->second, layer, packet.now)) return;
        ++line->second.sent.at(static_cast<std::size_t>(layer));
        lane = lane_;
    }
    if (const auto stream = Stream::octet(packet.stream.mindex, packet.layer); lane && stream)
        lane->send(gst::PacketKind::rtp, *stream, packet.octets);
}

/// Its layers are one stream, which must show no gap where some are left out. Keyframes are asked for by who
/// watches.
void LaneSender::send_layers(const FeedPacket& packet) {
    LayerSelector::Verdict verdict;
    std::shared_ptr<gst::Lane> lane;
    {
        const std::lock_guard lock{mutex_};
        const auto line = lines_.find(packet.stream.mindex);
        if (line == lines_.end()) return;
        auto& [wanted, seen, sent, selector] = line->second;
        selector.aim({.spatial = static_cast<int>(std::bit_width(wanted)) - 1});
        verdict = selector.judge(0, packet.parsed, packet.codec,
                                 packet.parsed.extension(packet.stream.dependencies), packet.now);
        if (!verdict.forward) return;
        ++sent.at(static_cast<std::size_t>(std::clamp(verdict.its_spatial, 0, simulcast_layers - 1)));
        lane = lane_;
    }
    std::array<std::uint8_t, packet_max> copy;
    const auto stream = Stream::octet(packet.stream.mindex);
    if (!lane || !stream || packet.octets.size() > copy.size()) return;
    std::ranges::copy(packet.octets, copy.begin());
    const std::span octets{copy.data(), packet.octets.size()};
    LayerSelector::rewrite(verdict, octets, packet.parsed.payload_offset());
    lane->send(gst::PacketKind::rtp, *stream, octets);
}

void LaneSender::data(const gst::DataMessage& message) {
    std::shared_ptr<gst::Lane> lane;
    {
        const std::lock_guard lock{mutex_};
        lane = lane_;
    }
    // What does not fit is lost to whoever watches there, as it is to one who is slow here.
    if (lane) lane->send_data(message);
}

void LaneSender::receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) {
    if (kind != gst::PacketKind::rtcp || !asks_for_keyframe(packet)) return;
    if (const auto feed = feed_.lock()) feed->want_keyframe(Stream::from(stream).mindex);
}

}  // namespace plugin
