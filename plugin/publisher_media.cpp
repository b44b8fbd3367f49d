// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/publisher_media.h"

#include <utility>

#include "federation/glib/loop.h"

namespace plugin {

namespace {

/// A REMB has to say something when there is no cap.
constexpr std::uint32_t uncapped_bits_per_second = 10'000'000;
/// A browser forgets the cap when it is not reminded.
constexpr std::chrono::seconds reminder_interval{5};

}  // namespace

std::shared_ptr<const PublisherMedia::Path> PublisherMedia::path() const {
    const std::lock_guard lock{mutex_};
    return path_;
}

void PublisherMedia::swap(std::shared_ptr<const Path> path) {
    // What is left in `path` is let go outside the lock: closing files may take a while.
    const std::lock_guard lock{mutex_};
    path_.swap(path);
}

void PublisherMedia::connect(std::shared_ptr<Feed> feed, Levels levels) {
    const auto current = path();
    swap(std::make_shared<const Path>(
        Path{std::move(feed), current ? current->recording : nullptr, std::move(levels)}));
}

void PublisherMedia::disconnect() {
    swap(nullptr);
    muted_ = 0;
}

void PublisherMedia::record(std::shared_ptr<Recording> recording) {
    const auto current = path();
    if (current)
        swap(std::make_shared<const Path>(Path{current->feed, std::move(recording), current->levels}));
}

std::shared_ptr<Recording> PublisherMedia::recording() const {
    const auto current = path();
    return current ? current->recording : nullptr;
}

void PublisherMedia::simulcasts(std::vector<SimulcastMedia> media) {
    const std::lock_guard lock{mapping_};
    map_.describe(std::move(media));
    simulcasting_ = !map_.empty();
}

void PublisherMedia::mute(int mindex, bool muted) {
    if (mindex < 0 || static_cast<std::size_t>(mindex) >= mlines_max) return;
    if (muted)
        muted_ |= bit(mindex);
    else
        muted_ &= ~bit(mindex);
}

void PublisherMedia::cap(std::uint32_t bits_per_second) {
    cap_ = bits_per_second;
    line_->send_remb(bits_per_second != 0 ? bits_per_second : uncapped_bits_per_second);
}

bool PublisherMedia::classify(const janus_plugin_rtp& packet, std::span<const std::uint8_t> octets,
                              std::optional<int>& layer) {
    if (!packet.video || !simulcasting_.load(std::memory_order_relaxed)) return true;
    const auto parsed = RtpPacket::parse(octets);
    const std::lock_guard lock{mapping_};
    if (!map_.simulcasts(packet.mindex)) return true;
    if (parsed) layer = map_.layer(packet.mindex, *parsed);
    return layer.has_value();
}

void PublisherMedia::incoming_rtp(janus_plugin_rtp& packet) {
    const int mindex = packet.mindex;
    if (mindex < 0 || static_cast<std::size_t>(mindex) >= mlines_max) return;
    const std::span octets{reinterpret_cast<std::uint8_t*>(packet.buffer), packet.length};
    const auto current = path();
    std::optional<int> layer;
    if (!current || muted(mindex) || !classify(packet, octets, layer)) return;
    const auto now = glib::now().time;
    if (packet.video)
        remind(now);
    else if (current->levels.packets > 0)
        listen(*current, mindex, octets);
    if (current->recording) current->recording->save_rtp(mindex, layer, octets, now);
    current->feed->rtp(mindex, layer, octets, now);
}

void PublisherMedia::remind(dht::Time now) {
    if (now - reminded_ < reminder_interval) return;
    reminded_ = now;
    const std::uint32_t cap = cap_;
    line_->send_remb(cap != 0 ? cap : uncapped_bits_per_second);
}

void PublisherMedia::listen(const Path& path, int mindex, std::span<const std::uint8_t> octets) {
    const auto id = path.levels.extensions.find(mindex);
    const auto parsed = id == path.levels.extensions.end() ? std::nullopt : RtpPacket::parse(octets);
    const auto level = parsed ? parsed->extension(id->second) : std::span<const std::uint8_t>{};
    if (level.empty()) return;
    if (const auto change =
            talking_[mindex].heard(level[0] & 0x7fU, path.levels.packets, path.levels.threshold))
        path.levels.told(mindex, *change);
}

void PublisherMedia::incoming_data(const janus_plugin_data& message) {
    const auto current = path();
    if (!current || !message.buffer || message.length == 0) return;
    const std::span octets{reinterpret_cast<const std::uint8_t*>(message.buffer), message.length};
    if (current->recording) current->recording->save_data(octets);
    current->feed->data({message.label ? message.label : "", message.protocol ? message.protocol : "",
                         message.binary != FALSE, octets});
}

}  // namespace plugin
