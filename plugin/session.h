// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "federation/server.h"
#include "plugin/conversation.h"
#include "plugin/events.h"
#include "plugin/gateway.h"
#include "plugin/media.h"
#include "plugin/outbox.h"
#include "plugin/request.h"

namespace plugin {

/// What became of a look-up.
struct Found {
    std::optional<dht::NodeId> server;
    federation::Reason reason = federation::Reason::none;  ///< why there is none
    std::chrono::microseconds took{};
};

/// One browser's handle, speaking the VideoCall API. Everything on the loop, but for `media` and
/// `info`. It knows nothing of DHT, signalling or trunks: it asks its `Host`.
class Session final : public Conversation, public std::enable_shared_from_this<Session> {
public:
    /// What a session needs of the server it lives in.
    class Host {
    public:
        virtual ~Host() = default;
        [[nodiscard]] virtual std::vector<std::string> users() const = 0;
        /// `registered` or `refused` follows.
        virtual void register_user(const std::shared_ptr<Session>& session, const std::string& user,
                                   const std::optional<federation::OwnerToken>& token) = 0;
        virtual void unregister_user(const std::string& user) = 0;
        /// `proceeding`, `ringing`, `accepted`, `ended` follow. `direct`: the description is for the other
        /// browser itself.
        virtual federation::CallId call(const std::shared_ptr<Session>& session, const std::string& callee,
                                        const std::string& jsep, bool direct) = 0;
        virtual void ringing(const federation::CallId& call) = 0;
        virtual void accept(const federation::CallId& call, const std::string& jsep, bool direct) = 0;
        virtual void update(const federation::CallId& call, const std::string& jsep, bool direct) = 0;
        virtual void candidate(const federation::CallId& call, const std::string& candidate) = 0;
        virtual void bridge(const federation::CallId& call, const std::string& jsep) = 0;
        /// What became of a direct call: "connected", "bridged", "failed".
        virtual void count_direct(const char* result) = 0;
        /// How long the browsers of a direct call may take to connect, and then each step of bridging it.
        [[nodiscard]] virtual std::chrono::milliseconds direct_timeout() const = 0;
        virtual void bye(const federation::CallId& call, federation::Reason reason,
                         const std::string& text) = 0;
        /// Null when there can be none.
        virtual std::shared_ptr<gst::Lane> open_lane(const dht::NodeId& peer, federation::LaneId lane,
                                                     std::shared_ptr<gst::LaneReceiver> receiver) = 0;
        /// Of the user, here or elsewhere. `task` is told, unless the session is gone by then.
        virtual void lookup(const std::shared_ptr<Session>& session, const std::string& user,
                            std::function<void(Session&, const Found&)> task) = 0;
        /// What this server knows of the DHT.
        [[nodiscard]] virtual KnownNodes nodes() const = 0;
        /// Begins to record what a browser sends. `name` is what the client asked for, or empty: `usual`
        /// then.
        virtual std::shared_ptr<Recording> record(const std::string& name, const std::string& usual,
                                                  const std::vector<MLine>& mlines, bool encrypted) = 0;
        /// From any thread but the loop: runs `task` there, unless the session is gone by then.
        virtual void post(const std::shared_ptr<Session>& session, std::function<void(Session&)> task) = 0;
        /// Unless the session is gone by then.
        virtual void after(std::chrono::milliseconds delay, const std::shared_ptr<Session>& session,
                           std::function<void(Session&)> task) = 0;
    };

    /// Within this time Janus closes a PeerConnection when asked to: its watchdog looks once a second.
    static constexpr std::chrono::seconds closing_max{2};

    Session(Host& host, Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
            std::shared_ptr<Outbox::Queue> queue);

    // From the client.
    void handle(const std::string& transaction, const federation::Json& message,
                const federation::Json& jsep) override;
    /// A name is wanted or had, or there is a call.
    [[nodiscard]] bool engaged() const override { return !user_.empty() || phase_ != Phase::idle; }
    void media_up() override {}
    void media_gone() override;
    void slow_link(int mindex, bool video, bool uplink) override;
    /// A data channel's message could not be kept.
    void data_lost();
    void stop_media() override { media_->disconnect(); }
    void destroy() override;

    // From the federation.
    /// `token` lets the user be registered at further servers.
    void registered(const std::string& token);
    void refused(federation::Reason reason);
    /// The server takes in nobody new; or does again.
    void draining(bool draining);
    /// Of whoever is registered; nothing otherwise.
    [[nodiscard]] const std::string& token() const { return token_; }
    /// The user has registered on another handle of this server. A call that is up goes on.
    void taken_over();
    void incoming(const federation::CallIncoming& call);
    void proceeding(const federation::CallProceeding& call);
    void ringing();
    void accepted(const std::string& jsep, bool direct = false);
    void updated(const std::string& jsep, bool direct = false);
    void candidate(const std::string& candidate);
    /// A direct call is to go through the servers: a question, the offer, or the answer to it.
    void bridge(const std::string& jsep);
    void ended(federation::Reason reason, const std::string& text);

    [[nodiscard]] const std::string& user() const { return user_; }
    [[nodiscard]] const federation::CallId& call() const { return call_; }
    [[nodiscard]] federation::Json info() const override;
    Media& media() override { return *media_; }

private:
    enum class Phase { idle, resolving, ringing_out, ringing_in, talking };

    void on(const List& request);
    void on(const Register& request);
    void on(const Call& request);
    void on(const Accept& request);
    void on(const Set& request);
    void on(const Hangup& request);
    void on(const Unregister& request);
    void on(const Decline& request);
    void on(const Lookup& request);
    void on(const Nodes& request);
    void on(const Trickle& request);
    void on(const Connected& request);
    void on(const Bridge& request);

    void reply(federation::Json event);
    void fail(ApiError error);
    void push(const std::string& transaction, federation::Json event, const std::string& jsep = {});
    /// An event with a description could not be pushed: the browser will never know of it.
    void not_told(const federation::CallId& call);
    void notify(federation::Json event);
    void record(const Set& request);
    /// For Janus's event handlers, as VideoCall has it.
    [[nodiscard]] federation::Json configured() const;
    /// What this browser is to get: the other's description, with what Janus has hidden from that one.
    [[nodiscard]] std::string for_browser(const std::string& jsep) const;
    /// Pushes what the other browser offers, now or when the old PeerConnection is gone: the incoming call,
    /// or to bridge the call that the browser knows of.
    void offer_browser(const std::string& offer);
    /// Pushes the incoming call; the callee's phone rings.
    void ring(const std::string& offer);
    void accept_directly(const Accept& request);
    void accepted_directly(const std::string& description);
    /// The answer is the browser's own. Says no, and why, when there can be no media.
    [[nodiscard]] bool answered(const Jsep& answer);
    void bridge_with(const Jsep& jsep);
    /// The caller's: its page is to offer a call through the servers.
    void ask_for_offer();
    void direct_failed();
    /// Runs `then` unless something else is waited for, or nothing, before the time has passed.
    void wait_for_browsers(void (Session::*then)());
    /// The `call` that has found nobody yet is over: its request is answered.
    void answer_call(const std::string& why, federation::Reason reason);
    /// Ends the call for both sides, and tells the client.
    void give_up(federation::Reason reason, const std::string& text = {});
    /// Whether this incoming call and the one that we make are those of two who call each other, and this one
    /// goes on.
    [[nodiscard]] bool gives_way(const federation::CallIncoming& call) const;
    [[nodiscard]] bool crosses(const federation::CallIncoming& call) const;
    void close_pc();
    /// The PeerConnection that we have closed is gone, or should be.
    void closed();
    /// `none`, or why there can be no media.
    [[nodiscard]] federation::Reason connect_media(const std::string& jsep);
    void enter(Phase phase);
    /// Back to idle: the lane is closed, the controls are as at the start.
    void leave_call();
    [[nodiscard]] std::optional<Jsep> required_jsep();

    Host& host_;
    Gateway& gateway_;
    Outbox& outbox_;
    std::shared_ptr<Handle> handle_;
    std::shared_ptr<Outbox::Queue> queue_;
    std::shared_ptr<Media> media_;
    bool destroyed_ = false;

    // The request being handled.
    std::string transaction_;
    const json_t* jsep_ = nullptr;

    std::string user_;
    bool registered_ = false;
    std::string token_;
    bool takes_direct_ = false;  ///< the client knows what to do with a direct call
    std::string register_transaction_;

    Phase phase_ = Phase::idle;
    federation::CallId call_;
    std::string call_transaction_;
    std::string remote_user_;
    dht::NodeId peer_;
    federation::LaneId lane_ = 0;
    std::string layered_offer_;   ///< the SDP that this browser offered, if it offered layers
    std::vector<MLine> offered_;  ///< what the other browser has offered, while it rings here
    bool e2ee_ = false;           ///< the browser encrypts what it sends once more
    bool told_ = false;           ///< the client knows of the incoming call
    /// Which way media goes. From direct to bridged by the caller's offer and its answer: bridging between.
    enum class Way { bridged, direct, bridging };
    Way way_ = Way::bridged;
    bool calling_ = false;        ///< we are the caller
    bool asked_ = false;          ///< somebody wants a direct call bridged
    bool connected_ = false;      ///< the browsers were, once
    std::size_t candidates_ = 0;  ///< that this browser has told since its last description
    unsigned waits_ = 0;
    unsigned slow_links_ = 0;

    // Closing the browser's PeerConnection takes Janus up to a second, and then it tells us as if the
    // browser had gone. A call that comes in between must neither be pushed into the old PeerConnection
    // nor end with it: it waits.
    bool has_pc_ = false;
    bool closing_ = false;
    unsigned closings_ = 0;
    std::string held_offer_;

    /// What `info` may read from another thread.
    struct Facts {
        std::string user, state, call, remote_user, server, media;
        federation::LaneId lane = 0;
        unsigned slow_links = 0;
    };
    void publish_facts();
    mutable std::mutex facts_mutex_;
    Facts facts_;
};

}  // namespace plugin
