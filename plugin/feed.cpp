// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/feed.h"

#include <algorithm>
#include <utility>

#include "federation/glib/loop.h"
#include "plugin/codec.h"

namespace plugin {

std::shared_ptr<const Feed::Outputs> Feed::outputs() const {
    const std::lock_guard lock{mutex_};
    return outputs_;
}

void Feed::swap(std::shared_ptr<const Outputs> outputs) {
    // What is left in `outputs` is let go outside the lock.
    const std::lock_guard lock{mutex_};
    outputs_.swap(outputs);
}

void Feed::describe(std::vector<FeedStream> streams) {
    auto next = std::make_shared<Outputs>(*outputs());
    next->resize(streams.size());
    for (std::size_t i = 0; i < streams.size(); ++i) {
        (*next)[i].stream = streams[i];
        (*next)[i].mline = mline_of(streams[i]);
    }
    streams_ = std::move(streams);
    swap(std::move(next));
}

const FeedStream* Feed::stream(const std::string& mid) const {
    const auto found = std::ranges::find(streams_, mid, &FeedStream::mid);
    return found == streams_.end() ? nullptr : &*found;
}

void Feed::attach(int mindex, const std::shared_ptr<FeedSink>& sink) {
    auto next = std::make_shared<Outputs>(*outputs());
    if (mindex < 0 || static_cast<std::size_t>(mindex) >= next->size()) return;
    (*next)[static_cast<std::size_t>(mindex)].sinks.push_back(sink);
    swap(std::move(next));
    reconsider();
}

void Feed::detach(const std::shared_ptr<FeedSink>& sink) {
    auto next = std::make_shared<Outputs>(*outputs());
    for (auto& output : *next) std::erase(output.sinks, sink);
    swap(std::move(next));
    reconsider();
}

void Feed::attach_only(const std::set<int>& mindexes, const std::shared_ptr<FeedSink>& sink) {
    auto next = std::make_shared<Outputs>(*outputs());
    for (std::size_t i = 0; i < next->size(); ++i) {
        auto& sinks = (*next)[i].sinks;
        const bool wanted = mindexes.contains(static_cast<int>(i));
        if (!wanted) std::erase(sinks, sink);
        if (wanted && std::ranges::find(sinks, sink) == sinks.end()) sinks.push_back(sink);
    }
    swap(std::move(next));
    reconsider();
}

void Feed::detach_all() {
    auto next = std::make_shared<Outputs>(*outputs());
    for (auto& output : *next) output.sinks.clear();
    swap(std::move(next));
    reconsider();
}

std::size_t Feed::sinks(int mindex) const {
    const auto all = outputs();
    return static_cast<std::size_t>(mindex) < all->size()
               ? (*all)[static_cast<std::size_t>(mindex)].sinks.size()
               : 0;
}

std::map<int, unsigned> Feed::wish() const {
    std::map<int, unsigned> wish;
    const auto all = outputs();
    for (const Output& output : *all)
        for (const auto& sink : output.sinks)
            if (const unsigned layers = sink->layers(); layers != 0) wish[output.stream.mindex] |= layers;
    return wish;
}

std::set<int> Feed::waiting() const {
    std::set<int> waiting;
    const auto all = outputs();
    for (const Output& output : *all)
        if (output.stream.video() &&
            std::ranges::any_of(output.sinks, [](const auto& sink) { return sink->waits(); }))
            waiting.insert(output.stream.mindex);
    return waiting;
}

void Feed::rtp(int mindex, std::optional<int> layer, std::span<std::uint8_t> packet, dht::Time now) {
    const auto all = outputs();
    if (static_cast<std::size_t>(mindex) >= all->size()) return;
    const Output& output = (*all)[static_cast<std::size_t>(mindex)];
    if (keyframes_.any_held() && is_due(output, layer, packet, now)) ask_(mindex);
    if (output.sinks.empty() || output.stream.data()) return;
    const auto parsed = RtpPacket::parse(packet);
    if (!parsed) return;
    const auto codec = output.mline.format(parsed->payload_type());
    if (codec.empty()) return;  // nothing that was agreed
    const FeedPacket told{
        this, output.stream, layer, *parsed, packet, codec, read_extensions(output.mline, *parsed), now};
    for (const auto& sink : output.sinks) sink->packet(told);
}

bool Feed::is_due(const Output& output, std::optional<int> layer, std::span<const std::uint8_t> packet,
                  dht::Time now) {
    if (!output.stream.video()) return false;
    // Of a simulcast each size has its own, and not everybody waits for the same.
    const auto parsed = layer ? std::nullopt : RtpPacket::parse(packet);
    if (parsed && begins_keyframe(output.mline.format(parsed->payload_type()), parsed->payload()))
        keyframes_.came(output.stream.mindex);
    return keyframes_.due(output.stream.mindex, now);
}

void Feed::data(const gst::DataMessage& message) {
    const auto all = outputs();
    for (const Output& output : *all)
        if (output.stream.data())
            for (const auto& sink : output.sinks) sink->data(message);
}

void Feed::want_keyframe(int mindex) {
    if (keyframes_.ask(mindex, glib::now().time)) ask_(mindex);
}

}  // namespace plugin
