// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/webrtc_link.h"

#include <atomic>
#include <future>
#include <mutex>
#include <optional>

#include "gst/fingerprint.h"
#include "gst/init.h"
#include "gst/tap.h"

namespace gst {

namespace {

// webrtcbin answers in milliseconds, the first time in a process after making an RSA key.
constexpr std::chrono::seconds promise_timeout{3};

/// Calls one of webrtcbin's asynchronous actions and waits for what it replies; throws no matter why
/// there is no good reply. Only on the worker.
template <class... Arguments>
Ptr<GstPromise> ask(GstElement* webrtcbin, const char* action, Arguments... arguments) {
    using Waiter = std::promise<void>;
    auto waiter = std::make_shared<Waiter>();
    auto replied = waiter->get_future();
    // The shared pointer keeps the waiter for a reply that comes after we have given up.
    const Ptr<GstPromise> promise{gst_promise_new_with_change_func(
        [](GstPromise*, gpointer data) { (*static_cast<std::shared_ptr<Waiter>*>(data))->set_value(); },
        new std::shared_ptr{waiter},
        [](gpointer data) { delete static_cast<std::shared_ptr<Waiter>*>(data); })};
    g_signal_emit_by_name(webrtcbin, action, arguments..., promise.get());
    if (replied.wait_for(promise_timeout) != std::future_status::ready)
        throw std::runtime_error{std::string{action} + ": no reply"};
    if (gst_promise_wait(promise.get()) != GST_PROMISE_RESULT_REPLIED)
        throw std::runtime_error{std::string{action} + ": interrupted"};

    const GstStructure* reply = gst_promise_get_reply(promise.get());
    if (reply && gst_structure_has_field(reply, "error")) {
        GError* error = nullptr;
        gst_structure_get(reply, "error", G_TYPE_ERROR, &error, nullptr);
        const Ptr<GError> owned{error};
        throw std::runtime_error{std::string{action} + ": " + (error ? error->message : "an error")};
    }
    return Ptr<GstPromise>{gst_promise_ref(promise.get())};
}

Ptr<GstWebRTCSessionDescription> description_in(GstPromise* promise, const char* field) {
    GstWebRTCSessionDescription* description = nullptr;
    const GstStructure* reply = gst_promise_get_reply(promise);
    if (reply) gst_structure_get(reply, field, GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, nullptr);
    if (!description) throw std::runtime_error{std::string{"webrtcbin made no "} + field};
    return Ptr<GstWebRTCSessionDescription>{description};
}

Ptr<GstWebRTCSessionDescription> for_webrtcbin(const TrunkDescription& description) {
    GstSDPMessage* message = nullptr;
    if (gst_sdp_message_new_from_text(write_sdp(description).c_str(), &message) != GST_SDP_OK)
        throw std::runtime_error{"our own text is no description"};
    const auto type =
        description.kind == SdpKind::offer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER;
    return Ptr<GstWebRTCSessionDescription>{gst_webrtc_session_description_new(type, message)};
}

/// A random number whose lowest bit tells the sides apart.
std::uint32_t outer_ssrc(SdpKind kind) {
    return (g_random_int() & ~1u) | (kind == SdpKind::offer ? 1u : 0u);
}

Ptr<GstCaps> outer_caps(std::uint32_t ssrc) {
    const std::string encoding{outer_encoding};
    return Ptr<GstCaps>{gst_caps_new_simple(
        "application/x-rtp", "media", G_TYPE_STRING, "video", "encoding-name", G_TYPE_STRING,
        encoding.c_str(), "clock-rate", G_TYPE_INT, outer_clock_rate, "payload", G_TYPE_INT,
        static_cast<int>(outer_payload_type), "ssrc", G_TYPE_UINT, ssrc, nullptr)};
}

}  // namespace

/// The pipeline and all that belongs to it. Its functions run on the worker, but for what says
/// otherwise.
class WebrtcLink::Core final : public PacketSink, public std::enable_shared_from_this<Core> {
public:
    Core(glib::Loop& loop, Worker& worker, LinkConfig config, std::weak_ptr<Events> events,
         std::shared_ptr<PacketSink> sink)
        : loop_(loop),
          worker_(worker),
          config_(std::move(config)),
          events_(std::move(events)),
          sink_(std::move(sink)) {}

    /// Streaming thread.
    void received(std::span<const std::uint8_t> payload, const OuterPacket& outer) override {
        if (trusted_) sink_->received(payload, outer);
    }

    void offer() {
        attempt([this] {
            build(SdpKind::offer);
            const auto reply = ask<GstStructure*>(webrtcbin_.get(), "create-offer", nullptr);
            set_local(description_in(reply.get(), "offer"));
        });
    }

    void answer(const TrunkDescription& offer) {
        attempt([&] {
            build(SdpKind::answer);
            set_remote(offer);
            const auto reply = ask<GstStructure*>(webrtcbin_.get(), "create-answer", nullptr);
            set_local(description_in(reply.get(), "answer"));
        });
    }

    void accept(const TrunkDescription& answer) {
        attempt([&] {
            if (!webrtcbin_) return;  // building it failed
            set_remote(answer);
        });
    }

    /// Any thread.
    void leave() {
        trusted_ = false;
        leaving_ = true;
    }

    void tear_down() {
        leave();
        if (!pipeline_) return;
        if (outlet_) outlet_->shut();
        gathered_ = {};
        connected_ = {};
        gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
        const auto bus = glib::take_ref(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
        gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
        tap_.reset();
        outlet_.reset();
        transceiver_.reset();
        webrtcbin_.reset();
        pipeline_.reset();
    }

private:
    template <class Step>
    void attempt(Step step) {
        if (leaving_) return;
        try {
            step();
        } catch (const std::exception& error) {
            fail(error.what());
        }
    }

    void build(SdpKind kind) {
        init();
        pipeline_ = take_floating(gst_pipeline_new(nullptr));
        webrtcbin_ = take_floating(gst_element_factory_make("webrtcbin", nullptr));
        if (!webrtcbin_) throw std::runtime_error{"no webrtcbin: install GStreamer's bad plugins"};
        g_object_set(webrtcbin_.get(), "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", 0u,
                     nullptr);
        tune_ice(webrtcbin_.get(), config_.addresses);
        watch_bus();
        tap_ = std::make_unique<Tap>(pipeline_.get(), webrtcbin_.get(), shared_from_this(), config_.tapped);
        if (!gst_bin_add(GST_BIN(pipeline_.get()), webrtcbin_.get()))
            throw std::runtime_error{
                "webrtcbin lacks parts: install GStreamer's nice, srtp and dtls plugins"};
        watch_states();

        const auto pad = glib::take_ref(gst_element_request_pad_simple(webrtcbin_.get(), "sink_%u"));
        transceiver_ = object_property<GstWebRTCRTPTransceiver>(pad.get(), "transceiver");
        if (!transceiver_) throw std::runtime_error{"webrtcbin lacks parts: install GStreamer's nice plugin"};
        // At once: an m-line whose caps are not known when the offer is made is silently left out, and
        // the answer then aborts the process.
        const std::uint32_t ssrc = outer_ssrc(kind);
        const auto caps = outer_caps(ssrc);
        g_object_set(transceiver_.get(), "codec-preferences", caps.get(), "direction",
                     GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDRECV, nullptr);
        if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
            throw std::runtime_error{"the pipeline does not start"};
        outlet_ = std::make_shared<Outlet>(pipeline_.get(), pad.get(), OuterStream{ssrc, outer_payload_type},
                                           caps.get());
    }

    void set_local(const Ptr<GstWebRTCSessionDescription>& description) {
        if (gst_sdp_message_medias_len(description->sdp) != 1)
            throw std::runtime_error{"webrtcbin left our m-line out"};
        ask(webrtcbin_.get(), "set-local-description", description.get());
    }

    void set_remote(const TrunkDescription& description) {
        expected_fingerprint_ = description.fingerprint;
        ask(webrtcbin_.get(), "set-remote-description", for_webrtcbin(description).get());
    }

    /// Messages hold references to their elements: one that nobody takes keeps the pipeline alive.
    void watch_bus() {
        const auto bus = glib::take_ref(gst_pipeline_get_bus(GST_PIPELINE(pipeline_.get())));
        const auto handle = +[](GstBus*, GstMessage* message, gpointer data) {
            const auto core = static_cast<std::weak_ptr<Core>*>(data)->lock();
            if (core && GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) core->report(message);
            gst_message_unref(message);
            return GST_BUS_DROP;
        };
        gst_bus_set_sync_handler(bus.get(), handle, new std::weak_ptr{weak_from_this()},
                                 [](gpointer data) { delete static_cast<std::weak_ptr<Core>*>(data); });
    }

    /// Any thread.
    void report(GstMessage* message) {
        GError* error = nullptr;
        gst_message_parse_error(message, &error, nullptr);
        const Ptr<GError> owned{error};
        fail(error ? error->message : "an error");
    }

    void watch_states() {
        gathered_ = watch("notify::ice-gathering-state", [](Core& core) { core.gathering_changed(); });
        connected_ = watch("notify::connection-state", [](Core& core) { core.connection_changed(); });
    }

    /// `then` runs on the worker after the property has changed on some thread of webrtcbin's.
    glib::Connection watch(const char* signal, void (*then)(Core&)) {
        struct Watch {
            std::weak_ptr<Core> core;
            Worker& worker;
            void (*then)(Core&);
        };
        const auto notify = +[](GObject*, GParamSpec*, gpointer data) {
            const auto& watch = *static_cast<Watch*>(data);
            watch.worker.post([core = watch.core, then = watch.then] {
                if (const auto alive = core.lock(); alive && !alive->leaving_) then(*alive);
            });
        };
        return {webrtcbin_.get(),
                g_signal_connect_data(
                    webrtcbin_.get(), signal, G_CALLBACK(notify), new Watch{weak_from_this(), worker_, then},
                    [](gpointer data, GClosure*) { delete static_cast<Watch*>(data); }, G_CONNECT_DEFAULT)};
    }

    void gathering_changed() {
        GstWebRTCICEGatheringState state{};
        g_object_get(webrtcbin_.get(), "ice-gathering-state", &state, nullptr);
        if (state != GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE || described_) return;
        GstWebRTCSessionDescription* description = nullptr;
        g_object_get(webrtcbin_.get(), "local-description", &description, nullptr);
        const Ptr<GstWebRTCSessionDescription> owned{description};
        if (!description) return;
        described_ = true;
        const Ptr<char> text{gst_sdp_message_as_text(description->sdp)};
        GST_LOG("our description:\n%s", text.get());
        tell([sdp = std::string{text.get()}](Events& events) { events.described(sdp); });
    }

    void connection_changed() {
        GstWebRTCPeerConnectionState state{};
        g_object_get(webrtcbin_.get(), "connection-state", &state, nullptr);
        if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED) return fail("ICE or DTLS failed");
        if (state != GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED || trusted_) return;
        if (peer_fingerprint(transceiver_.get()) != expected_fingerprint_)
            return fail("the peer's certificate is not the one that it signalled");
        enlarge_receive_buffer(transceiver_.get());
        gst_bin_recalculate_latency(
            GST_BIN(pipeline_.get()));  // the bus, which would ask for it, is not read
        outlet_->set_shortcut(tap_->way_out());
        tap_->connected();
        trusted_ = true;
        tell([outlet = outlet_](Events& events) { events.connected(outlet); });
    }

    /// Any thread.
    void fail(const std::string& why) {
        if (failed_.exchange(true)) return;
        GST_INFO("link failed: %s", why.c_str());
        tell([why](Events& events) { events.failed(why); });
    }

    /// Any thread: the events are told on the loop, unless the link is gone by then.
    void tell(std::function<void(Events&)> what) {
        loop_.post([weak = events_, what = std::move(what)] {
            if (const auto events = weak.lock()) what(*events);
        });
    }

    glib::Loop& loop_;
    Worker& worker_;
    const LinkConfig config_;
    const std::weak_ptr<Events> events_;
    const std::shared_ptr<PacketSink> sink_;
    std::atomic<bool> trusted_ = false;  ///< DTLS is up and the certificate is the signalled one
    std::atomic<bool> leaving_ = false;
    std::atomic<bool> failed_ = false;

    std::string expected_fingerprint_;
    bool described_ = false;
    Ref<GstElement> pipeline_, webrtcbin_;
    Ref<GstWebRTCRTPTransceiver> transceiver_;
    std::unique_ptr<Tap> tap_;
    std::shared_ptr<Outlet> outlet_;
    glib::Connection gathered_, connected_;
};

WebrtcLink::WebrtcLink(glib::Loop& loop, Worker& worker, LinkConfig config, Events events,
                       std::shared_ptr<PacketSink> sink)
    : worker_(worker),
      events_(std::make_shared<Events>(std::move(events))),
      core_(std::make_shared<Core>(loop, worker, std::move(config), events_, std::move(sink))) {}

WebrtcLink::~WebrtcLink() {
    core_->leave();
    worker_.post([core = core_] { core->tear_down(); });
}

void WebrtcLink::offer() {
    worker_.post([core = core_] { core->offer(); });
}

void WebrtcLink::answer(TrunkDescription offer) {
    worker_.post([core = core_, offer = std::move(offer)] { core->answer(offer); });
}

void WebrtcLink::accept(TrunkDescription answer) {
    worker_.post([core = core_, answer = std::move(answer)] { core->accept(answer); });
}

}  // namespace gst
