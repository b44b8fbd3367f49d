// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/media.h"

#include <algorithm>
#include <utility>

#include "federation/glib/loop.h"
#include "plugin/data_channel.h"
#include "plugin/events.h"
#include "plugin/extensions.h"

namespace plugin {

namespace {

/// What VideoCall tells a browser that has no cap: a REMB has to say something.
constexpr std::uint32_t uncapped_bits_per_second = 10'000'000;

dht::Time now() {
    return glib::now().time;
}

template <class Packet>
std::span<const std::uint8_t> octets(const Packet& packet) {
    return {reinterpret_cast<const std::uint8_t*>(packet.buffer), packet.length};
}

}  // namespace

Media::Media(Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
             std::shared_ptr<Outbox::Queue> queue)
    : gateway_(gateway), outbox_(outbox), handle_(std::move(handle)), queue_(std::move(queue)) {}

void Media::connect(std::shared_ptr<gst::Lane> lane, std::vector<MLine> mlines) {
    const auto path = std::make_shared<const Path>(Path{std::move(lane), std::move(mlines), nullptr});
    carried_ = path->lane->available();
    remb_due_ = carried_ != gst::unlimited;  // when its PeerConnection is up
    swap(path);
    if (data_->open()) path->lane->accept_data();
}

void Media::renegotiated(std::vector<MLine> mlines) {
    const auto current = path();
    if (!current) return;
    swap(std::make_shared<const Path>(Path{current->lane, std::move(mlines), current->recording}));
}

void Media::record(std::shared_ptr<Recording> recording) {
    const auto current = path();
    if (!current) return;
    swap(std::make_shared<const Path>(Path{current->lane, current->mlines, std::move(recording)}));
}

void Media::disconnect() {
    swap(nullptr);
    audio_active = true;
    video_active = true;
    bitrate = 0;
    carried_ = gst::unlimited;
    {
        const std::lock_guard lock{limiting_};
        receiver_limit_ = {};
    }
    const std::lock_guard lock{selecting_};
    selectors_.clear();
    aim_ = {};
}

void Media::swap(std::shared_ptr<const Path> path) {
    // What is left in `path` is let go outside the lock: closing a lane may wait for a packet.
    const std::lock_guard lock{mutex_};
    path_.swap(path);
}

std::shared_ptr<const Media::Path> Media::path() const {
    const std::lock_guard lock{mutex_};
    return path_;
}

bool Media::connected() const {
    return path() != nullptr;
}

std::vector<MLine> Media::mlines() const {
    const auto current = path();
    return current ? current->mlines : std::vector<MLine>{};
}

std::shared_ptr<Recording> Media::recording() const {
    const auto current = path();
    return current ? current->recording : nullptr;
}

gst::LaneStats Media::stats() const {
    const auto current = path();
    return current ? current->lane->stats() : gst::LaneStats{};
}

// ---- From the browser

void Media::simulcasts(std::vector<SimulcastMedia> media) {
    const std::lock_guard lock{mapping_};
    map_.describe(std::move(media));
    simulcasting_ = !map_.empty();
}

bool Media::classify(const janus_plugin_rtp& packet, std::optional<int>& layer) {
    if (!packet.video || !simulcasting_.load(std::memory_order_relaxed)) return true;
    const auto parsed = RtpPacket::parse(octets(packet));
    const std::lock_guard lock{mapping_};
    if (!map_.simulcasts(packet.mindex)) return true;
    if (parsed) layer = map_.layer(packet.mindex, *parsed);
    return layer.has_value();
}

void Media::incoming_rtp(janus_plugin_rtp& packet) {
    std::optional<int> layer;
    if (!classify(packet, layer)) return;
    if (packet.video && keyframes_.due(packet.mindex, now())) send_pli(packet.mindex);
    if (packet.video && remb_due_.load(std::memory_order_relaxed) && remb_due_.exchange(false)) send_remb();
    if (!(packet.video ? video_active : audio_active).load(std::memory_order_relaxed)) return;
    const auto current = path();
    const auto stream = Stream::octet(packet.mindex, layer);
    if (!current || !stream) return;
    if (current->recording) current->recording->save_rtp(packet.mindex, layer, octets(packet), now());
    current->lane->send(gst::PacketKind::rtp, *stream, octets(packet));
}

void Media::incoming_rtcp(const janus_plugin_rtcp& packet) {
    // As in VideoCall, this browser's own limit is the answer to a REMB. The other browser's server hears of
    // it as well.
    if (read_remb(octets(packet))) send_remb();
    const auto current = path();
    const auto stream = Stream::octet(packet.mindex);
    if (current && stream) current->lane->send(gst::PacketKind::rtcp, *stream, octets(packet));
}

// ---- From the lane

void Media::receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) {
    const auto current = path();
    const Stream from = Stream::from(stream);
    const auto index = static_cast<std::size_t>(from.mindex);
    if (!current || index >= current->mlines.size() || packet.size() > UINT16_MAX) return;
    const MLine& mline = current->mlines[index];
    if (mline.data) return;
    if (kind == gst::PacketKind::rtp) relay_rtp(*current, from, packet);
    if (kind == gst::PacketKind::rtcp) relay_rtcp(mline, from.mindex, packet);
}

void Media::relay_rtp(const Path& path, Stream stream, std::span<const std::uint8_t> packet) {
    const auto parsed = RtpPacket::parse(packet);
    if (!parsed) return;
    const MLine& mline = path.mlines[static_cast<std::size_t>(stream.mindex)];
    if (stream.layer && mline.video)
        relay_layer(path, stream, *parsed, packet);
    else
        relay_to_browser(mline, stream.mindex, *parsed, packet);
}

void Media::relay_layer(const Path& path, Stream stream, const RtpPacket& parsed,
                        std::span<const std::uint8_t> packet) {
    const MLine& mline = path.mlines[static_cast<std::size_t>(stream.mindex)];
    const std::string_view codec = mline.format(parsed.payload_type());
    LayerSelector::Verdict verdict;
    {
        const std::lock_guard lock{selecting_};
        auto& selected = selectors_[stream.mindex];
        selected.codec = codec;
        selected.selector.aim(aim_);
        verdict = selected.selector.judge(*stream.layer, parsed, codec, parsed.extension(mline.dependencies),
                                          now());
    }
    if (verdict.wants_keyframe) request_keyframe(path, stream.mindex);
    if (verdict.substream) tell_layer(codec, "substream", *verdict.substream);
    if (verdict.temporal) tell_layer(codec, "temporal", *verdict.temporal);
    if (!verdict.forward) return;
    std::vector<std::uint8_t> copy{packet.begin(), packet.end()};
    LayerSelector::rewrite(verdict, copy, parsed.payload_offset());
    relay_to_browser(mline, stream.mindex, parsed, copy, verdict.frame);
}

void Media::relay_to_browser(const MLine& mline, int mindex, const RtpPacket& parsed,
                             std::span<const std::uint8_t> packet, std::optional<std::uint16_t> frame) {
    janus_plugin_rtp rtp{};
    rtp.mindex = mindex;
    rtp.video = mline.video;
    // The core copies the packet and changes only its copy.
    rtp.buffer = const_cast<char*>(reinterpret_cast<const char*>(packet.data()));
    rtp.length = static_cast<std::uint16_t>(packet.size());
    rtp.extensions = read_extensions(mline, parsed);
    if (frame) set_frame(rtp.extensions, *frame);
    gateway_.relay_rtp(*handle_, rtp);
}

void Media::relay_rtcp(const MLine& mline, int mindex, std::span<const std::uint8_t> packet) {
    // It goes no further: what this browser is told is made here. A simulcast has layers for who can take
    // less, and would lose the others.
    if (const auto bits = read_remb(packet)) {
        if (simulcasting_.load(std::memory_order_relaxed)) return;
        {
            const std::lock_guard lock{limiting_};
            receiver_limit_.told(*bits, now());
        }
        return send_remb();
    }
    std::vector<std::uint8_t> copy{packet.begin(), packet.end()};
    if (asks_for_keyframe(packet) && !keyframes_.ask(mindex, now())) copy = without_keyframe_requests(packet);
    if (copy.empty()) return;
    outbox_.post_feedback(queue_, [&gateway = gateway_, handle = handle_, video = mline.video, mindex,
                                   copy = std::move(copy)]() mutable {
        janus_plugin_rtcp rtcp{};
        rtcp.mindex = mindex;
        rtcp.video = video;
        rtcp.buffer = reinterpret_cast<char*>(copy.data());
        rtcp.length = static_cast<std::uint16_t>(copy.size());
        gateway.relay_rtcp(*handle, rtcp);
    });
}

// ---- Data

void Media::incoming_data(const janus_plugin_data& message) {
    const auto current = path();
    if (!current || !message.buffer || message.length == 0) return;
    if (current->recording) current->recording->save_data(octets(message));
    const auto verdict = current->lane->send_data({message.label ? message.label : "",
                                                   message.protocol ? message.protocol : "",
                                                   message.binary != FALSE, octets(message)});
    if (verdict == gst::DataVerdict::too_big || verdict == gst::DataVerdict::full)
        lose_data(gst::word(verdict).data());
}

void Media::receive_data(const gst::DataMessage& message) {
    // Janus counts a message's octets in 16 bits, and has no empty ones.
    if (message.bytes.empty()) return;
    if (message.bytes.size() > UINT16_MAX) return lose_data("too long for Janus");
    if (!data_->add(message)) return lose_data("the browser takes it too slowly");
    flush_data();
}

void Media::data_ready() {
    data_->ready(glib::now().time);
    flush_data();
    if (const auto current = path()) current->lane->accept_data();
}

void Media::data_closed() {
    data_->close();
}

void Media::flush_data() {
    // A flush that waits already will do, so one beyond the queue's limit may be dropped.
    outbox_.post_feedback(data_queue_, [&gateway = gateway_, handle = handle_, data = data_] {
        relay_waiting(*data, gateway, *handle);
    });
}

void Media::lose_data(const char* why) {
    JANUS_LOG(LOG_WARN, "[viaduct] a data channel's message is lost: %s\n", why);
    if (data_lost_) outbox_.post_feedback(queue_, data_lost_);
}

// ---- Layers

void Media::aim(const Wish& wish) {
    std::map<int, std::pair<int, std::string>> there;  // m-lines that are at the wanted layer already
    std::map<int, std::pair<int, std::string>> there_in_time;
    {
        const std::lock_guard lock{selecting_};
        aim_.substream = wish.substream.value_or(aim_.substream);
        aim_.temporal = wish.temporal.value_or(aim_.temporal);
        aim_.fallback = wish.fallback.value_or(aim_.fallback);
        for (const auto& [mindex, selected] : selectors_) {
            if (selected.selector.substream() == wish.substream)
                there[mindex] = {*wish.substream, selected.codec};
            if (selected.selector.temporal() == wish.temporal)
                there_in_time[mindex] = {*wish.temporal, selected.codec};
        }
    }
    for (const auto& [mindex, layer] : there) tell_layer(layer.second, "substream", layer.first);
    for (const auto& [mindex, layer] : there_in_time) tell_layer(layer.second, "temporal", layer.first);
    const auto current = path();
    if (!current) return;
    for (int mindex = 0; mindex < static_cast<int>(current->mlines.size()); ++mindex) {
        const bool changes =
            (wish.substream && !there.contains(mindex)) || (wish.temporal && !there_in_time.contains(mindex));
        if (changes && current->mlines[static_cast<std::size_t>(mindex)].video)
            request_keyframe(*current, mindex);
    }
}

std::map<int, std::pair<int, int>> Media::layers() const {
    const std::lock_guard lock{selecting_};
    std::map<int, std::pair<int, int>> layers;
    for (const auto& [mindex, selected] : selectors_)
        layers[mindex] = {selected.selector.substream(), selected.selector.temporal()};
    return layers;
}

void Media::request_keyframe(const Path& path, int mindex) {
    const auto stream = Stream::octet(mindex);
    if (!stream) return;
    outbox_.post_feedback(lane_queue_, [weak = std::weak_ptr{path.lane}, stream = *stream] {
        if (const auto lane = weak.lock()) lane->send(gst::PacketKind::rtcp, stream, picture_loss_indication);
    });
}

void Media::tell_layer(std::string_view codec, const char* what, int layer) {
    outbox_.post_feedback(queue_, [&gateway = gateway_, handle = handle_,
                                   event = std::shared_ptr<json_t>{simulcast_event(codec, what, layer)}] {
        gateway.push_event(*handle, {}, event.get(), nullptr);
    });
}

// ---- What the browser is asked

void Media::send_pli() {
    outbox_.post_feedback(queue_, [&gateway = gateway_, handle = handle_] { gateway.send_pli(*handle); });
}

void Media::send_pli(int mindex) {
    outbox_.post_feedback(queue_, [&gateway = gateway_, handle = handle_, mindex] {
        gateway.send_pli_stream(*handle, mindex);
    });
}

void Media::available_changed(std::uint64_t bits_per_second) {
    carried_ = bits_per_second;
    send_remb();
}

std::uint32_t Media::most_to_send() const {
    std::uint32_t most = bitrate ? bitrate.load() : uncapped_bits_per_second;
    most = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, carried_));
    const std::lock_guard lock{limiting_};
    return std::min(most, receiver_limit_.bits_per_second(now()).value_or(most));
}

void Media::send_remb() {
    const std::uint32_t cap = most_to_send();
    outbox_.post_feedback(queue_,
                          [&gateway = gateway_, handle = handle_, cap] { gateway.send_remb(*handle, cap); });
}

}  // namespace plugin
