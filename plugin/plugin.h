// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "federation/glib/contacts_file.h"
#include "federation/glib/loop.h"
#include "federation/glib/membership_watch.h"
#include "federation/glib/runner.h"
#include "gst/local_lanes.h"
#include "gst/trunks.h"
#include "plugin/config.h"
#include "plugin/federated_rooms.h"
#include "plugin/front.h"
#include "plugin/gateway.h"
#include "plugin/json.h"
#include "plugin/load.h"
#include "plugin/metrics.h"
#include "plugin/metrics_server.h"
#include "plugin/outbox.h"
#include "plugin/rooms.h"
#include "plugin/session.h"
#include "plugin/streams.h"

namespace plugin {

/// The plugin as a whole: the loop, the member of the federation, the trunks, and a front for each
/// handle. Janus calls from many threads; each call is posted to the loop, or is media.
class Plugin final : private Session::Host, private RoomHost, private Membership {
public:
    /// Throws std::runtime_error with what to do, when an address is taken or the identity unreadable.
    Plugin(const Config& config, std::unique_ptr<Gateway> gateway);
    ~Plugin() override;
    /// Ends every call, withdraws every user, joins every thread. Janus destroys a plugin while handles
    /// are alive and their threads at work, so this object and the fronts stay, doing nothing.
    void stop();

    std::shared_ptr<Front> create_session(janus_plugin_session* handle);
    /// Null once the handle was destroyed.
    std::shared_ptr<Front> find(janus_plugin_session* handle);
    void destroy_session(janus_plugin_session* handle);
    /// Runs `task` on the loop, unless it has stopped.
    void post(const std::shared_ptr<Front>& front, std::function<void(Front&)> task);
    /// The answer to a request that has one at once, or after another server was asked. From any thread but
    /// the loop.
    std::optional<Json> answer(const std::shared_ptr<Front>& front, const Json& message);

    /// Takes in nobody new, or does again: an administrator's wish. The answer says how things stand.
    Json drain(bool draining);
    /// The answer to one of VideoRoom's synchronous requests, from the Admin API.
    Json administer(const json_t* message);
    /// Counts and the state of node, signalling and trunks. From any thread but the loop.
    Json status();
    /// What handle_info shows: the session, and the trunk that its call goes through. From any thread but the
    /// loop.
    Json query(const std::shared_ptr<Front>& front);
    [[nodiscard]] const dht::NodeId& id() const { return id_; }

private:
    // What sessions ask for; on the loop.
    [[nodiscard]] std::vector<std::string> users() const override;
    void register_user(const std::shared_ptr<Session>& session, const std::string& user,
                       const std::optional<federation::OwnerToken>& token) override;
    void unregister_user(const std::string& user) override;
    federation::CallId call(const std::shared_ptr<Session>& session, const std::string& callee,
                            const std::string& jsep, bool direct) override;
    void ringing(const federation::CallId& call) override;
    void accept(const federation::CallId& call, const std::string& jsep, bool direct) override;
    void update(const federation::CallId& call, const std::string& jsep, bool direct) override;
    void candidate(const federation::CallId& call, const std::string& candidate) override;
    void bridge(const federation::CallId& call, const std::string& jsep) override;
    void count_direct(const char* result) override { metrics_.direct_call(result); }
    [[nodiscard]] std::chrono::milliseconds direct_timeout() const override { return direct_timeout_; }
    void bye(const federation::CallId& call, federation::Reason reason, const std::string& text) override;
    std::shared_ptr<gst::Lane> open_lane(const dht::NodeId& peer, federation::LaneId lane,
                                         std::shared_ptr<gst::LaneReceiver> receiver) override;
    void lookup(const std::shared_ptr<Session>& session, const std::string& user,
                std::function<void(Session&, const Found&)> task) override;
    [[nodiscard]] KnownNodes nodes() const override;
    std::shared_ptr<Recording> record(const std::string& name, const std::string& usual,
                                      const std::vector<MLine>& mlines, bool encrypted) override;
    void post(const std::shared_ptr<Session>& session, std::function<void(Session&)> task) override;
    void after(std::chrono::milliseconds delay, const std::shared_ptr<Session>& session,
               std::function<void(Session&)> task) override;

    // What rooms ask for; on the loop, but for the first.
    void post_to_loop(std::function<void()> task) override { post(std::move(task)); }
    void run_later(std::chrono::milliseconds delay, std::function<void()> task) override;
    std::uint64_t chance() override { return std::uint64_t{random_()} << 32U | random_(); }
    [[nodiscard]] bool signs_tokens() const override { return gateway_->signs_tokens(); }
    [[nodiscard]] bool is_signed(const std::string& token, const std::string& descriptor) const override {
        return gateway_->is_signed(token, descriptor);
    }
    std::shared_ptr<Recording> record_feed(const std::string& base, const std::vector<MLine>& mlines,
                                           bool encrypted) override;

    void change(const std::function<void(federation::Server&, dht::Now)>& task) override;
    [[nodiscard]] const federation::Server& server() const override { return runner_->server(); }
    std::shared_ptr<gst::Lane> open_feed_lane(const dht::NodeId& peer, federation::LaneId lane,
                                              std::shared_ptr<gst::LaneReceiver> receiver) override;
    void require_trunk(const dht::NodeId& peer) override;
    void expect_trunks() override;

    // What the federation tells; on the loop.
    void on(const federation::Moved& event);
    void on(const federation::UserRegistered& event);
    void on(const federation::UserRefused& event);
    void on(const federation::CallIncoming& event);
    void on(const federation::CallProceeding& event);
    void on(const federation::CallRinging& event);
    void on(const federation::CallAccepted& event);
    void on(const federation::CallUpdated& event);
    void on(const federation::CallCandidate& event);
    void on(const federation::CallBridge& event);
    void on(const federation::CallEnded& event);
    void on(const federation::TrunkSignalled& event);
    void on(const federation::UserFound& event);
    void on(const federation::PeerUp& event);
    void on(const federation::PeerDown& event);
    void on(const federation::Note& event);
    void on(const federation::NodeJoined& event);
    template <class Other>
    void on(const Other& /*event*/) {}

    /// Tells the federation, from time to time, how busy this server is.
    void weigh();
    void trunk_up(const dht::NodeId& peer);
    void trunk_failed(const dht::NodeId& peer, federation::Reason reason);
    void start(const Config& config, const dht::Identity& identity);
    Front::Apis make_apis();
    void post(std::function<void()> task);
    /// Begins with the bootstrap list and with whom it knew when it ended.
    void join(const Config& config);
    /// The call is over, at our wish or another's: counted, and one line in the log.
    void note_end(const federation::CallId& call, federation::Reason reason);
    [[nodiscard]] std::string metrics_text();
    void notify(Json event);
    std::shared_ptr<Session> session_of(const federation::CallId& call);

    dht::NodeId id_;
    std::unique_ptr<Gateway> gateway_;
    Outbox outbox_;
    Outbox disk_;                          ///< recordings: a slow disk keeps no event waiting
    bool trunk_addresses_follow_ = false;  ///< none are configured: they are those that others are told
    const std::string recordings_folder_;
    const std::chrono::milliseconds direct_timeout_;
    std::unique_ptr<glib::Loop> loop_;
    std::unique_ptr<glib::Runner> runner_;
    std::optional<glib::ContactsFile> contacts_file_;
    std::optional<glib::MembershipWatch> membership_watch_;  ///< of a closed federation
    std::unique_ptr<gst::Trunks> trunks_;
    gst::LocalLanes local_lanes_;
    std::thread warm_up_;

    std::mutex mutex_;  ///< guards `loop_` and `fronts_` from Janus's threads; never taken on the loop
    std::map<janus_plugin_session*, std::shared_ptr<Front>> fronts_;
    const Front::Apis apis_;

    // On the loop.
    std::random_device random_;
    std::optional<Rooms> rooms_;
    std::optional<FederatedRooms> federated_rooms_;
    std::optional<Streams> streams_;
    bool stopping_ = false;
    std::optional<Load> load_;
    Metrics metrics_;
    std::atomic<std::size_t> session_count_{0};
    std::optional<MetricsServer> metrics_server_;
    std::shared_ptr<Outbox::Queue> notices_ = Outbox::make_queue();
    std::map<std::string, std::weak_ptr<Session>> users_;
    struct OpenCall {
        std::weak_ptr<Session> session;
        dht::NodeId peer;  ///< once it is known
        bool outgoing = false;
        dht::Time since{};    ///< when the client asked for it
        bool direct = false;  ///< nothing of it goes through the trunk
    };
    std::map<federation::CallId, OpenCall> calls_;
    struct OpenLookup {
        std::weak_ptr<Session> session;
        std::function<void(Session&, const Found&)> task;
        dht::Time since;
    };
    std::map<std::uint64_t, OpenLookup> lookups_;
};

}  // namespace plugin
