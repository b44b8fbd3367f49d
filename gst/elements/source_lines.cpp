// SPDX-License-Identifier: LGPL-2.1-or-later
/// From the lines of a feed to pads: a chain for each that comes, changes or goes.
#include "gst/elements/source.h"

#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>

#include <cstdio>
#include <utility>

#include "gst/elements/failure.h"
#include "gst/elements/play_chain.h"

namespace elements {

namespace {

/// Between the trunk's thread, which must not wait, and the jitter buffer: a large picture in one go.
constexpr guint64 waiting_packets_max = 1024;

/// What is changed when a publisher comes back does not matter, as long as the same chain can read it.
bool same_kind(const StreamDescription& one, const StreamDescription& other) {
    return one.video == other.video && one.codec == other.codec && one.payload_type == other.payload_type &&
           one.clock_rate == other.clock_rate && one.channels == other.channels && one.red == other.red;
}

/// Takes what is new out of packets that repeat earlier ones (RFC 2198); passes others.
gst::Ref<GstElement> make_red_decoder(int payload_type) {
    auto decoder = gst::take_floating(gst_element_factory_make("rtpreddec", nullptr));
    if (!decoder) return nullptr;
    const auto text = "<" + std::to_string(payload_type) + ">";
    gst_util_set_object_arg(G_OBJECT(decoder.get()), "payloads", text.c_str());
    return decoder;
}

template <class Call>
void connect(GstElement* element, const char* signal, Call* call, gpointer data) {
    g_signal_connect(element, signal, G_CALLBACK(call), data);
}

GstPad* request(GstElement* element, const char* pattern, unsigned number) {
    std::array<char, 64> name{};
    std::snprintf(name.data(), name.size(), pattern, number);
    return gst_element_request_pad_simple(element, name.data());
}

}  // namespace

void Source::described(const FeedDescription& feed) {
    const std::lock_guard building{building_};
    if (!started_) return;
    if (!rtpbin_) make_rtpbin();
    if (!rtpbin_) return;
    std::array<const StreamDescription*, streams_max> wanted{};
    for (const auto& stream : feed.streams) wanted.at(stream.mindex) = &stream;
    bool changed = false;
    for (std::uint8_t mindex = 0; mindex < streams_max; ++mindex) {
        const auto* stream = wanted.at(mindex);
        const auto there = line(mindex);
        if (there && (!stream || !same_kind(there->stream, *stream))) {
            remove_line(mindex);
            changed = true;
        }
        if (stream && !line(mindex)) {
            add_line(*stream);
            changed = true;
        }
    }
    if (changed) show_collection();
    if (!feed.ended) return;
    for (std::uint8_t mindex = 0; mindex < streams_max; ++mindex)
        if (const auto there = line(mindex)) gst_app_src_end_of_stream(GST_APP_SRC(there->rtp.get()));
}

void Source::make_rtpbin() {
    rtpbin_ = gst::take_floating(gst_element_factory_make("rtpbin", nullptr));
    if (!rtpbin_)
        return post_media_failure(GST_ELEMENT(bin_),
                                  "the element rtpbin is missing: install GStreamer's good plugins");
    GST_OBJECT_LOCK(bin_);
    const auto latency = settings.latency;
    GST_OBJECT_UNLOCK(bin_);
    // Our reports tell when a packet's first sample was taken, not when it was sent.
    g_object_set(rtpbin_.get(), "latency", latency, "do-lost", TRUE, "rtcp-sync-send-time", FALSE, nullptr);
    gst_util_set_object_arg(G_OBJECT(rtpbin_.get()), "rtp-profile", "avpf");
    connect<GstCaps*(GstElement*, guint, guint, gpointer)>(
        rtpbin_.get(), "request-pt-map",
        [](GstElement*, guint session, guint payload_type, gpointer self) -> GstCaps* {
            const auto there = static_cast<Source*>(self)->line(static_cast<std::uint8_t>(session));
            if (!there || there->stream.payload_type != payload_type) return nullptr;
            return there->stream.caps().release();
        },
        this);
    connect<void(GstElement*, GstPad*, gpointer)>(
        rtpbin_.get(), "pad-added",
        [](GstElement*, GstPad* pad, gpointer self) { static_cast<Source*>(self)->pad_added(pad); }, this);
    gst_bin_add(bin_, rtpbin_.get());
    gst_element_sync_state_with_parent(rtpbin_.get());
}

std::string Source::pad_name(const StreamDescription& stream) const {
    const std::string prefix = stream.video ? "video_" : "audio_";
    const std::lock_guard lock{mutex_};
    for (unsigned number = 0;; ++number) {
        const auto name = prefix + std::to_string(number);
        bool taken = false;
        for (const auto& there : lines_) taken = taken || (there && there->name == name);
        if (!taken) return name;
    }
}

gst::Ref<GstElement> Source::add_appsrc(const char* name, std::uint8_t mindex, const GstCaps* caps,
                                        GstElement* through) {
    auto source = gst::take_floating(gst_element_factory_make("appsrc", nullptr));
    if (!source) return nullptr;
    g_object_set(source.get(), "is-live", TRUE, "format", GST_FORMAT_TIME, "do-timestamp", TRUE, "block",
                 FALSE, "max-bytes", guint64{0}, "max-buffers", waiting_packets_max, "caps", caps, nullptr);
    gst_util_set_object_arg(G_OBJECT(source.get()), "leaky-type", "downstream");
    gst_bin_add(bin_, source.get());
    if (through) {
        gst_bin_add(bin_, through);
        gst_element_link(source.get(), through);
    }
    const auto from = glib::take_ref(gst_element_get_static_pad(through ? through : source.get(), "src"));
    const auto to = glib::take_ref(request(rtpbin_.get(), name, mindex));
    if (!to || gst_pad_link(from.get(), to.get()) != GST_PAD_LINK_OK)
        GST_WARNING_OBJECT(bin_, "rtpbin does not take stream %u", unsigned{mindex});
    return source;
}

void Source::add_line(const StreamDescription& stream) {
    const auto fresh = std::make_shared<Line>(stream);
    fresh->name = pad_name(stream);
    const auto caps = stream.caps();
    const gst::Ptr<GstCaps> rtcp{gst_caps_new_empty_simple("application/x-rtcp")};
    if (stream.red != 0) fresh->red = make_red_decoder(stream.red);
    if (stream.red != 0 && !fresh->red)
        return post_media_failure(GST_ELEMENT(bin_),
                                  "the element rtpreddec is missing: install GStreamer's good plugins");
    fresh->rtp = add_appsrc("recv_rtp_sink_%u", stream.mindex, caps.get(), fresh->red.get());
    fresh->rtcp = add_appsrc("recv_rtcp_sink_%u", stream.mindex, rtcp.get());
    if (!fresh->rtp || !fresh->rtcp)
        return post_media_failure(GST_ELEMENT(bin_),
                                  "the element appsrc is missing: install GStreamer's base plugins");
    // The first packet would be kept until the second comes.
    GObject* session = nullptr;
    g_signal_emit_by_name(rtpbin_.get(), "get-internal-session", guint{stream.mindex}, &session);
    if (session) g_object_set(session, "probation", 0, nullptr);
    if (session) g_object_unref(session);
    {
        const std::lock_guard lock{mutex_};
        lines_.at(stream.mindex) = fresh;
    }
    for (const auto* part : {&fresh->rtcp, &fresh->red, &fresh->rtp})
        if (*part) gst_element_sync_state_with_parent(part->get());
}

void Source::remove_line(std::uint8_t mindex) {
    std::shared_ptr<Line> old;
    {
        const std::lock_guard lock{mutex_};
        old.swap(lines_.at(mindex));
    }
    if (!old) return;
    for (const auto* part : {&old->rtp, &old->red, &old->rtcp}) {
        if (!*part) continue;
        gst_element_set_locked_state(part->get(), TRUE);
        gst_element_set_state(part->get(), GST_STATE_NULL);
        const auto from = glib::take_ref(gst_element_get_static_pad(part->get(), "src"));
        const auto to = glib::take_ref(gst_pad_get_peer(from.get()));
        const auto whose = glib::take_ref(to ? gst_pad_get_parent_element(to.get()) : nullptr);
        if (whose.get() == rtpbin_.get()) gst_element_release_request_pad(rtpbin_.get(), to.get());
        gst_bin_remove(bin_, part->get());
    }
    if (old->pad) {
        if (started_) gst_pad_push_event(old->pad.get(), gst_event_new_eos());
        gst_pad_set_active(old->pad.get(), FALSE);
        gst_element_remove_pad(GST_ELEMENT(bin_), old->pad.get());
    }
    if (old->chain) {
        gst_element_set_locked_state(old->chain.get(), TRUE);
        gst_element_set_state(old->chain.get(), GST_STATE_NULL);
        gst_bin_remove(bin_, old->chain.get());
    }
}

/// What playbin3 chooses from.
void Source::show_collection() {
    std::string subject;
    Lines lines;
    {
        const std::lock_guard lock{mutex_};
        subject = subject_;
        lines = lines_;
    }
    std::shared_ptr<GstStreamCollection> collection{gst_stream_collection_new(subject.c_str()),
                                                    gst_object_unref};
    for (const auto& there : lines) {
        if (!there) continue;
        const auto caps = played_caps(there->stream);
        gst_stream_collection_add_stream(
            collection.get(),
            gst_stream_new((subject + '#' + there->name).c_str(), caps.get(),
                           there->stream.video ? GST_STREAM_TYPE_VIDEO : GST_STREAM_TYPE_AUDIO,
                           GST_STREAM_FLAG_NONE));
    }
    {
        const std::lock_guard lock{mutex_};
        collection_ = collection;
    }
    gst_element_post_message(GST_ELEMENT(bin_),
                             gst_message_new_stream_collection(GST_OBJECT(bin_), collection.get()));
}

// --- Media ---------------------------------------------------------------------------------------

/// On the jitter buffer's thread.
void Source::pad_added(GstPad* pad) {
    unsigned session = 0;
    if (std::sscanf(GST_PAD_NAME(pad), "recv_rtp_src_%u_", &session) != 1 || session >= streams_max) return;
    const auto there = line(static_cast<std::uint8_t>(session));
    if (!there || there->pad) return;
    const auto target = depayloaded(*there, pad);
    if (!target) return;
    auto* templ = gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(bin_),
                                                     there->stream.video ? "video_%u" : "audio_%u");
    GstPad* shown = gst_ghost_pad_new_from_template(there->name.c_str(), target.get(), templ);
    there->pad = glib::make_ref(shown);
    struct Probed {
        Source* source;
        std::weak_ptr<Line> line;
    };
    gst_pad_add_probe(
        shown, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        [](GstPad*, GstPadProbeInfo* info, gpointer data) {
            const auto& probed = *static_cast<Probed*>(data);
            const auto of = probed.line.lock();
            return of ? probed.source->on_downstream(info, *of) : GST_PAD_PROBE_OK;
        },
        new Probed{this, there}, [](gpointer data) { delete static_cast<Probed*>(data); });
    gst_pad_add_probe(
        pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM,
        [](GstPad*, GstPadProbeInfo* info, gpointer data) {
            const auto& probed = *static_cast<Probed*>(data);
            const auto of = probed.line.lock();
            return of ? probed.source->on_upstream(info, of->stream.mindex) : GST_PAD_PROBE_OK;
        },
        new Probed{this, there}, [](gpointer data) { delete static_cast<Probed*>(data); });
    gst_pad_set_active(shown, TRUE);
    std::shared_ptr<GstStreamCollection> collection;
    {
        const std::lock_guard lock{mutex_};
        collection = collection_;
    }
    if (collection) {
        GstEvent* told = gst_event_new_stream_collection(collection.get());
        gst_pad_store_sticky_event(shown, told);
        gst_event_unref(told);
    }
    gst_element_add_pad(GST_ELEMENT(bin_), shown);
    std::size_t expected = 0, shown_now = 0;
    {
        const std::lock_guard lock{mutex_};
        for (const auto& one : lines_) expected += one ? 1 : 0;
        shown_now = ++pads_shown_;
    }
    if (shown_now == expected) gst_element_no_more_pads(GST_ELEMENT(bin_));
}

/// The pad to show: of a chain that takes the stream out of its packets, or the packets' own.
gst::Ref<GstPad> Source::depayloaded(Line& line, GstPad* pad) {
    bool raw = false;
    {
        const std::lock_guard lock{mutex_};
        raw = raw_rtp_;
    }
    if (raw || !can_depayload(line.stream)) return glib::make_ref(pad);
    auto chain = make_play_chain(line.stream);
    if (!chain) {
        post_media_failure(GST_ELEMENT(bin_), line.name + ": " + chain.error().what);
        return nullptr;
    }
    line.chain = std::move(*chain);
    gst_bin_add(bin_, line.chain.get());
    const auto sink = glib::take_ref(gst_element_get_static_pad(line.chain.get(), "sink"));
    gst_element_sync_state_with_parent(line.chain.get());
    gst_pad_link(pad, sink.get());
    return glib::take_ref(gst_element_get_static_pad(line.chain.get(), "src"));
}

/// A decoder has lost its way: the publisher is told at once, without RTCP's timing rules.
GstPadProbeReturn Source::on_upstream(GstPadProbeInfo* info, std::uint8_t mindex) {
    if (!gst_video_event_is_force_key_unit(GST_PAD_PROBE_INFO_EVENT(info))) return GST_PAD_PROBE_OK;
    const auto there = line(mindex);
    const auto current = subscription();
    std::uint32_t ssrc = 0;
    if (there) {
        const std::lock_guard lock{there->mutex};
        ssrc = there->continuity.source().value_or(0);
    }
    if (current) current->ask_keyframe(mindex, ssrc);
    return GST_PAD_PROBE_DROP;
}

/// The stream has the name that the collection gives it.
GstPadProbeReturn Source::on_downstream(GstPadProbeInfo* info, const Line& line) {
    GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
    std::shared_ptr<GstStreamCollection> collection;
    guint group = 0;
    std::string id;
    {
        const std::lock_guard lock{mutex_};
        collection = collection_;
        group = group_;
        id = subject_ + '#' + line.name;
    }
    if (!collection) return GST_PAD_PROBE_OK;
    if (GST_EVENT_TYPE(event) != GST_EVENT_STREAM_START) return GST_PAD_PROBE_OK;
    GstEvent* named = gst_event_new_stream_start(id.c_str());
    gst_event_set_group_id(named, group);
    gst_event_set_seqnum(named, gst_event_get_seqnum(event));
    for (guint i = 0; i < gst_stream_collection_get_size(collection.get()); ++i) {
        GstStream* stream = gst_stream_collection_get_stream(collection.get(), i);
        if (id == gst_stream_get_stream_id(stream)) gst_event_set_stream(named, stream);
    }
    gst_event_unref(event);
    GST_PAD_PROBE_INFO_DATA(info) = named;
    return GST_PAD_PROBE_OK;
}

}  // namespace elements
