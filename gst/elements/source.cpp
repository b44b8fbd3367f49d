// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/source.h"

#include <gst/app/gstappsrc.h>

#include <utility>

#include "gst/elements/failure.h"
#include "gst/feed_uri.h"

namespace elements {

namespace {

constexpr std::uint8_t mindex_bits = 0x3f;  // of the lane header's stream (docs/trunk.md §2)

/// Sender reports of all streams of a feed, so that they are played in step.
const std::string cname = "viaduct";

std::uint32_t new_ssrc() {
    dht::SystemRandom chance;
    return static_cast<std::uint32_t>(chance.number());
}

}  // namespace

Source::Line::Line(const StreamDescription& of) : stream(of), continuity(new_ssrc(), of.clock_rate) {}

std::shared_ptr<Source::Line> Source::line(std::uint8_t mindex) const {
    const std::lock_guard lock{mutex_};
    return lines_.at(mindex & mindex_bits);
}

std::shared_ptr<Subscription> Source::subscription() const {
    const std::lock_guard lock{mutex_};
    return subscription_;
}

// --- State ---------------------------------------------------------------------------------------

bool Source::start() {
    auto* element = GST_ELEMENT(bin_);
    GST_OBJECT_LOCK(element);
    const auto now = settings;
    GST_OBJECT_UNLOCK(element);
    auto feed = gst::FeedUri::parse(now.uri);
    if (!feed) {
        post_settings_failure(element, "uri \"" + now.uri + "\" is not valid: " + feed.error().what);
        return false;
    }
    auto node = now.node;
    if (!feed->bootstrap.empty()) node.bootstrap = feed->bootstrap;
    if (!feed->federation.empty()) node.federation = feed->federation;
    if (station_ && !(station_->settings() == node)) station_.reset();
    if (!station_) {
        auto acquired = Station::acquire(node);
        if (!acquired) {
            post_settings_failure(element, acquired.error().what);
            return false;
        }
        station_ = std::move(*acquired);
    }
    const std::lock_guard building{building_};
    started_ = true;
    pads_shown_ = 0;
    auto fresh = std::make_shared<Subscription>(
        Subscription::Plan{.feed = *feed,
                           .patience = std::chrono::seconds{now.timeout},
                           .reconnect_for = std::chrono::seconds{now.reconnect_timeout},
                           .bitrate_max = now.max_bitrate,
                           .repairs = now.retransmission,
                           .display = now.display_name},
        events(), station_);
    {
        const std::lock_guard lock{mutex_};
        subscription_ = fresh;
        subject_ = now.uri;
        raw_rtp_ = now.rtp;
        group_ = gst_util_group_id_next();
    }
    station_->post([fresh](Member& member) { fresh->start(member); },
                   [weak = WeakElement{bin_}](const std::string& what) {
                       if (const auto held = weak.get()) post_settings_failure(held.get(), what);
                   });
    return true;
}

void Source::stop() {
    std::shared_ptr<Subscription> old;
    {
        const std::lock_guard lock{mutex_};
        old.swap(subscription_);
        collection_.reset();
    }
    if (old && station_) station_->post([old](Member& member) { old->stop(member); });
    const std::lock_guard building{building_};
    started_ = false;
    for (std::uint8_t mindex = 0; mindex < streams_max; ++mindex) remove_line(mindex);
    if (!rtpbin_) return;
    gst_element_set_state(rtpbin_.get(), GST_STATE_NULL);
    g_signal_handlers_disconnect_by_data(rtpbin_.get(), this);
    gst_bin_remove(bin_, rtpbin_.get());
    rtpbin_.reset();
}

void Source::leave() {
    station_.reset();
}

Subscription::Events Source::events() {
    // The element may be gone when something is told; while it is held here, so are we.
    const WeakElement weak{bin_};
    return {
        .described =
            [this, weak](const FeedDescription& feed) {
                if (const auto element = weak.get()) described(feed);
            },
        .interrupted =
            [weak](federation::Reason reason) {
                const auto element = weak.get();
                if (!element) return;
                GST_INFO_OBJECT(element.get(), "interrupted: %s", federation::word(reason).data());
                gst_element_post_message(
                    element.get(),
                    gst_message_new_element(
                        GST_OBJECT(element.get()),
                        gst_structure_new("viaduct-interrupted", "reason", G_TYPE_STRING,
                                          std::string{federation::word(reason)}.c_str(), nullptr)));
            },
        .failed =
            [this, weak](federation::Reason reason) {
                const auto element = weak.get();
                if (!element) return;
                std::string subject;
                {
                    const std::lock_guard lock{mutex_};
                    if (!subscription_) return;  // it was stopped meanwhile
                    subject = subject_;
                }
                post_failure(element.get(), reason, subject + " cannot be played");
            },
        .packet =
            [this, weak](gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> octets) {
                if (const auto element = weak.get()) packet(kind, stream, octets);
            }};
}

// --- What is there -------------------------------------------------------------------------------

/// On the trunk's thread.
void Source::packet(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) {
    const auto there = line(stream);
    if (!there) return;
    if (kind == gst::PacketKind::rtcp) {
        const auto report = read_report(packet);
        std::optional<SenderReport> ours;
        {
            const std::lock_guard lock{there->mutex};
            if (report) ours = there->continuity.translate(*report);
        }
        if (!ours) return;
        const auto octets = encode(*ours, cname);
        gst_app_src_push_buffer(GST_APP_SRC(there->rtcp.get()),
                                gst_buffer_new_memdup(octets.data(), octets.size()));
        return;
    }
    constexpr std::size_t header_bytes = 12;
    if (packet.size() < header_bytes) return;
    // Other payload types (retransmissions of a browser, say) are none of this stream's.
    const unsigned type = packet[1] & 0x7fU;
    if (type != there->stream.payload_type && (type == 0 || type != there->stream.red)) return;
    std::vector<std::uint8_t> octets{packet.begin(), packet.end()};
    {
        const std::lock_guard lock{there->mutex};
        if (!there->continuity.rewrite(octets, glib::now().time)) return;
    }
    gst_app_src_push_buffer(GST_APP_SRC(there->rtp.get()),
                            gst_buffer_new_memdup(octets.data(), octets.size()));
}

GstStructure* Source::stats() const {
    const auto current = subscription();
    const auto lane = current ? current->lane_stats() : gst::LaneStats{};
    const auto server = current ? current->server() : std::nullopt;
    return gst_structure_new("viaduct-src-stats", "node-id", G_TYPE_STRING,
                             server ? server->hex().c_str() : "", "packets-received", G_TYPE_UINT64,
                             lane.packets_received, "packets-lost", G_TYPE_UINT64, lane.packets_lost,
                             "packets-repaired", G_TYPE_UINT64, lane.packets_repaired, nullptr);
}

}  // namespace elements
