// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/sink.h"

#include <gst/video/video.h>

#include <algorithm>
#include <bitset>
#include <utility>

#include "gst/elements/failure.h"
#include "gst/feed_uri.h"
#include "gst/init.h"

namespace elements {

namespace {

constexpr std::uint8_t payload_type_first = 96, payload_types = 32;  // RFC 3551 §6: dynamic ones

/// Whether what comes from there comes at the pace of the world.
bool is_live(GstPad* pad) {
    const std::unique_ptr<GstQuery, void (*)(GstQuery*)> query{gst_query_new_latency(),
                                                               [](GstQuery* q) { gst_query_unref(q); }};
    gboolean live = FALSE;
    if (gst_pad_peer_query(pad, query.get())) gst_query_parse_latency(query.get(), &live, nullptr, nullptr);
    return live != FALSE;
}

std::string type_of(const GstCaps* caps) {
    return gst_structure_get_name(gst_caps_get_structure(caps, 0));
}

/// How long ago a buffer's first sample was taken: what an encoder took, and whatever came before.
GstClockTime age_of(GstElement* sink, GstBuffer* buffer) {
    const auto* base = GST_BASE_SINK(sink);
    const auto clock = glib::take_ref(gst_element_get_clock(sink));
    if (!clock || !GST_BUFFER_PTS_IS_VALID(buffer) || base->segment.format != GST_FORMAT_TIME) return 0;
    const auto taken = gst_segment_to_running_time(&base->segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    const auto now = gst_clock_get_time(clock.get());
    const auto base_time = gst_element_get_base_time(sink);
    if (!GST_CLOCK_TIME_IS_VALID(taken) || now < base_time + taken) return 0;
    return now - base_time - taken;
}

}  // namespace

Sink::Sink(GstBin* bin, SinkSignals signals) : bin_(bin), signals_(std::move(signals)) {}

std::shared_ptr<Publication> Sink::publication() const {
    const std::lock_guard lock{mutex_};
    return publication_;
}

// --- Pads ----------------------------------------------------------------------------------------

GstPad* Sink::request_pad(GstPadTemplate* pad_template, const char* name) {
    const bool video = g_str_has_prefix(GST_PAD_TEMPLATE_NAME_TEMPLATE(pad_template), "video");
    auto line = std::make_shared<Line>();
    line->video = video;
    {
        const std::lock_guard lock{mutex_};
        std::bitset<streams_max> taken;
        unsigned number = 0;
        for (const auto& [pad, other] : lines_) {
            taken.set(other->mindex);
            if (name && other->name == name) return nullptr;
        }
        const std::string prefix = video ? "video_" : "audio_";
        const auto has = [&](const std::string& candidate) {
            return std::ranges::any_of(lines_,
                                       [&](const auto& entry) { return entry.second->name == candidate; });
        };
        while (has(prefix + std::to_string(number))) ++number;
        if (taken.all()) return nullptr;
        while (taken.test(line->mindex)) ++line->mindex;
        line->name = name ? name : prefix + std::to_string(number);
        line->pad = gst_ghost_pad_new_no_target_from_template(line->name.c_str(), pad_template);
        lines_[line->pad] = line;
    }
    gst_pad_add_probe(line->pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_event, new Probed{this, line},
                      [](gpointer probed) { delete static_cast<Probed*>(probed); });
    if (const auto current = publication()) current->expect(line->mindex);
    gst_pad_set_active(line->pad, TRUE);
    gst_element_add_pad(GST_ELEMENT(bin_), line->pad);
    return line->pad;
}

void Sink::release_pad(GstPad* pad) {
    std::shared_ptr<Line> line;
    {
        const std::lock_guard lock{mutex_};
        const auto found = lines_.find(pad);
        if (found == lines_.end()) return;
        line = std::move(found->second);
        lines_.erase(found);
    }
    {
        const std::lock_guard lock{line->mutex};
        line->released = true;
    }
    drop_chain(*line);
    gst_pad_set_active(pad, FALSE);
    gst_element_remove_pad(GST_ELEMENT(bin_), pad);
    if (const auto current = publication()) current->forget(line->mindex);
}

GstPadProbeReturn Sink::on_event(GstPad* /*pad*/, GstPadProbeInfo* info, gpointer data) {
    const auto& probed = *static_cast<Probed*>(data);
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return GST_PAD_PROBE_OK;
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    if (probed.sink->take_caps(*probed.line, caps)) return GST_PAD_PROBE_OK;
    gst_event_unref(event);
    GST_PAD_PROBE_INFO_DATA(info) = nullptr;
    GST_PAD_PROBE_INFO_FLOW_RETURN(info) = GST_FLOW_NOT_NEGOTIATED;
    return GST_PAD_PROBE_HANDLED;
}

/// On the pad's streaming thread.
bool Sink::take_caps(Line& line, GstCaps* caps) {
    const auto type = type_of(caps);
    {
        const std::lock_guard lock{line.mutex};
        if (line.released) return false;
        if (line.chain && line.type == type) return true;
    }
    drop_chain(line);  // of another codec than now
    return build(line, caps);
}

void Sink::drop_chain(Line& line) {
    gst::Ref<GstElement> chain;
    {
        const std::lock_guard lock{line.mutex};
        chain = std::move(line.chain);
        line.set_bitrate = {};
    }
    if (!chain) return;
    // First it stops, then nothing waits in it any more, and its pad can be let go of.
    gst_element_set_locked_state(chain.get(), TRUE);
    gst_element_set_state(chain.get(), GST_STATE_NULL);
    gst_ghost_pad_set_target(GST_GHOST_PAD(line.pad), nullptr);
    gst_bin_remove(bin_, chain.get());
}

bool Sink::build(Line& line, const GstCaps* caps) {
    PayloadOptions options;
    const auto* element = GST_ELEMENT(bin_);
    GST_OBJECT_LOCK(element);
    options.encoder = line.video ? EncoderChoice{settings.video_encoder, settings.video_codec, false}
                                 : EncoderChoice{settings.audio_encoder, settings.audio_codec, settings.fec};
    options.bitrate = line.video ? settings.bitrate : settings.audio_bitrate;
    GST_OBJECT_UNLOCK(element);
    if (const auto current = publication(); current && line.video) options.bitrate = current->stats().bitrate;
    options.payload_type = static_cast<std::uint8_t>(payload_type_first + line.mindex % payload_types);
    options.live = is_live(line.pad);
    options.encoder_made = [&](GstElement* made) {
        signals_.encoder_setup(GST_ELEMENT(bin_), line.name.c_str(), made);
    };
    options.payloader_made = [&](GstElement* made) {
        signals_.payloader_setup(GST_ELEMENT(bin_), line.name.c_str(), made);
    };
    auto chain = PayloadChain::make(caps, options, callbacks_for(line));
    if (!chain) {
        post_media_failure(GST_ELEMENT(bin_), line.name + ": " + chain.error().what);
        return false;
    }
    const std::lock_guard lock{line.mutex};
    if (line.released) return false;
    line.chain = std::move(chain->bin);
    line.type = type_of(caps);
    line.set_bitrate = std::move(chain->set_bitrate);
    gst_bin_add(bin_, line.chain.get());
    const auto target = glib::take_ref(gst_element_get_static_pad(line.chain.get(), "sink"));
    gst_ghost_pad_set_target(GST_GHOST_PAD(line.pad), target.get());
    gst_element_sync_state_with_parent(line.chain.get());
    return true;
}

LaneSinkCallbacks Sink::callbacks_for(const Line& line) {
    // The chain dies before the line does, and the element later than both.
    return {.packet =
                [this, mindex = line.mindex](GstElement* from, GstBuffer* buffer) {
                    if (const auto current = publication())
                        current->packet(mindex, buffer, age_of(from, buffer));
                },
            .described =
                [this, mindex = line.mindex](const GstCaps* caps) {
                    const auto stream = StreamDescription::from_caps(caps, mindex);
                    const auto current = publication();
                    if (stream && current) current->describe(*stream);
                }};
}

std::shared_ptr<Sink::Line> Sink::line_of(std::uint8_t mindex) const {
    const std::lock_guard lock{mutex_};
    for (const auto& [pad, line] : lines_)
        if (line->mindex == mindex) return line;
    return nullptr;
}

// --- State ---------------------------------------------------------------------------------------

Publication::Plan Sink::plan() {
    auto* element = GST_ELEMENT(bin_);
    GST_OBJECT_LOCK(element);
    Publication::Plan plan{.stream = settings.stream,
                           .room = settings.room,
                           .display = settings.display_name,
                           .viewers_max = settings.viewers_max,
                           .repairs = settings.retransmission,
                           .bitrate = {settings.min_bitrate, settings.bitrate, settings.max_bitrate}};
    GST_OBJECT_UNLOCK(element);
    return plan;
}

Publication::Events Sink::events() {
    // The element may be gone when something is told; while it is held here, so are we.
    const WeakElement weak{bin_};
    return {.published =
                [this, weak](const dht::NodeId& self, const std::string& bootstrap) {
                    if (const auto element = weak.get()) published(element.get(), self, bootstrap);
                },
            .refused =
                [weak,
                 what = "stream \"" + settings.stream + "\" cannot be published"](federation::Reason reason) {
                    if (const auto element = weak.get()) post_failure(element.get(), reason, what);
                },
            .admits =
                [this, weak](const std::string& viewer, const dht::NodeId& server) {
                    const auto element = weak.get();
                    return element &&
                           signals_.accept_viewer(element.get(), viewer.c_str(), server.hex().c_str());
                },
            .added =
                [this, weak](const std::string& viewer, const dht::NodeId& server) {
                    if (const auto element = weak.get())
                        signals_.viewer_added(element.get(), viewer.c_str(), server.hex().c_str());
                },
            .removed =
                [this, weak](const std::string& viewer, const dht::NodeId& server) {
                    if (const auto element = weak.get())
                        signals_.viewer_removed(element.get(), viewer.c_str(), server.hex().c_str());
                },
            .keyframe =
                [this, weak](std::uint8_t mindex) {
                    if (const auto element = weak.get()) ask_keyframe(mindex);
                },
            .bitrate =
                [this, weak](std::uint64_t bits) {
                    if (const auto element = weak.get()) set_video_bitrate(bits);
                }};
}

bool Sink::publish() {
    auto* element = GST_ELEMENT(bin_);
    GST_OBJECT_LOCK(element);
    const auto node = settings.node;
    GST_OBJECT_UNLOCK(element);
    if (station_ && !(station_->settings() == node)) station_.reset();
    if (!station_) {
        auto acquired = Station::acquire(node);
        if (!acquired) {
            post_settings_failure(element, acquired.error().what);
            return false;
        }
        station_ = std::move(*acquired);
    }
    auto fresh = std::make_shared<Publication>(plan(), events(), station_);
    {
        const std::lock_guard lock{mutex_};
        publication_ = fresh;
        for (const auto& [pad, line] : lines_) fresh->expect(line->mindex);
    }
    station_->post([fresh](Member& member) { fresh->start(member); },
                   [weak = WeakElement{bin_}](const std::string& what) {
                       if (const auto held = weak.get()) post_settings_failure(held.get(), what);
                   });
    return true;
}

void Sink::withdraw() {
    std::shared_ptr<Publication> old;
    {
        const std::lock_guard lock{mutex_};
        old.swap(publication_);
        node_id_.clear();
    }
    if (old && station_) station_->post([old](Member& member) { old->stop(member); });
}

void Sink::leave() {
    station_.reset();
}

void Sink::end_of_stream() {
    if (const auto current = publication()) current->end_of_stream();
}

// --- What comes back -----------------------------------------------------------------------------

void Sink::published(GstElement* element, const dht::NodeId& self, const std::string& bootstrap) {
    {
        const std::lock_guard lock{mutex_};
        if (!publication_) return;
        node_id_ = self.hex();
    }
    const auto where = uri();
    gst_element_post_message(
        element,
        gst_message_new_element(GST_OBJECT(element),
                                gst_structure_new("viaduct-published", "uri", G_TYPE_STRING, where.c_str(),
                                                  "node-id", G_TYPE_STRING, self.hex().c_str(), "bootstrap",
                                                  G_TYPE_STRING, bootstrap.c_str(), nullptr)));
    GST_INFO_OBJECT(element, "published as %s", where.c_str());
    signals_.published(element);
}

std::string Sink::node_id() const {
    const std::lock_guard lock{mutex_};
    return node_id_;
}

std::string Sink::uri() const {
    const auto id = dht::NodeId::from_hex(node_id());
    auto* element = GST_ELEMENT(bin_);
    GST_OBJECT_LOCK(element);
    const auto stream = settings.stream;
    GST_OBJECT_UNLOCK(element);
    return id ? gst::FeedUri{id, {}, stream, {}, {}}.text() : std::string{};
}

void Sink::ask_keyframe(std::uint8_t mindex) {
    const auto line = line_of(mindex);
    if (!line) return;
    gst::Ref<GstElement> chain;
    {
        const std::lock_guard lock{line->mutex};
        chain = glib::make_ref(line->chain.get());
    }
    if (!chain) return;
    // Every sink of the chain is the one; the event travels up to the encoder, ours or the application's.
    gst_element_send_event(chain.get(),
                           gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0));
}

void Sink::set_video_bitrate(std::uint64_t bits) {
    std::vector<std::function<void(std::uint64_t)>> encoders;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& [pad, line] : lines_) {
            const std::lock_guard line_lock{line->mutex};
            if (line->video && line->set_bitrate) encoders.push_back(line->set_bitrate);
        }
    }
    for (const auto& set : encoders) set(bits / encoders.size());
}

void Sink::bitrate_changed() {
    auto* element = GST_ELEMENT(bin_);
    GST_OBJECT_LOCK(element);
    const auto bits = settings.bitrate;
    GST_OBJECT_UNLOCK(element);
    set_video_bitrate(bits);
}

GstStructure* Sink::stats() const {
    const auto current = publication();
    const auto stats = current ? current->stats() : PublicationStats{};
    GValue viewers = G_VALUE_INIT;
    g_value_init(&viewers, GST_TYPE_ARRAY);
    for (const auto& viewer : stats.viewers) {
        GValue one = G_VALUE_INIT;
        g_value_init(&one, GST_TYPE_STRUCTURE);
        g_value_take_boxed(
            &one, gst_structure_new("viewer", "id", G_TYPE_STRING, viewer.viewer.c_str(), "node-id",
                                    G_TYPE_STRING, viewer.server.hex().c_str(), "packets-sent", G_TYPE_UINT64,
                                    viewer.lane.packets_sent, "packets-dropped", G_TYPE_UINT64,
                                    viewer.lane.packets_dropped, "repairs-sent", G_TYPE_UINT64,
                                    viewer.lane.repairs_sent, nullptr));
        gst_value_array_append_and_take_value(&viewers, &one);
    }
    GstStructure* all = gst_structure_new("viaduct-sink-stats", "packets", G_TYPE_UINT64, stats.media.packets,
                                          "bytes", G_TYPE_UINT64, stats.media.octets, "dropped",
                                          G_TYPE_UINT64, stats.media.dropped, "too-big", G_TYPE_UINT64,
                                          stats.too_big, "bitrate", G_TYPE_UINT64, stats.bitrate, nullptr);
    gst_structure_take_value(all, "viewers", &viewers);
    return all;
}

}  // namespace elements
