// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugin/client_line.h"
#include "plugin/conversation.h"
#include "plugin/remb.h"
#include "plugin/room_host.h"
#include "plugin/streams.h"
#include "plugin/subscribe_offer.h"
#include "plugin/subscriber_media.h"
#include "plugin/watch_request.h"

namespace plugin {

/// One handle that watches a stream by its URI, as a client of Janus's Streaming plugin does. Its browser is
/// offered an m-line for each picture and sound. When the publisher goes away it is sought again, and what
/// comes then goes on in the numbers of what came before. On the loop.
class Viewer final : public Conversation, public StreamWatcher, public std::enable_shared_from_this<Viewer> {
public:
    /// Between two tries: a publisher that is restarted is found within a moment.
    static constexpr std::chrono::milliseconds try_again{200};
    /// How long one that went away is sought.
    static constexpr std::chrono::seconds seek_for{60};
    /// How long one is sought at first: one that was restarted has said where it is by then.
    static constexpr std::chrono::seconds patience{5};
    /// Records of publishers that have gone stay for minutes; so many of one name are asked.
    static constexpr std::size_t tries_of_name = 3;

    Viewer(Streams& streams, RoomHost& host, Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
           std::shared_ptr<Outbox::Queue> queue);

    void handle(const std::string& transaction, const Json& message, const Json& jsep) override;
    [[nodiscard]] bool engaged() const override { return phase_ != Phase::idle; }
    void media_up() override;
    void media_gone() override;
    void slow_link(int mindex, bool video, bool uplink) override;
    void stop_media() override { media_.streams({}); }
    void destroy() override;
    [[nodiscard]] Json info() const override;
    MediaPort& media() override { return media_; }

    void described(const std::shared_ptr<const IncomingStream>& stream) override;
    void gone(federation::Reason reason) override;

private:
    /// seeking: nothing is known of it yet; stopping: until Janus has closed the PeerConnection.
    enum class Phase { idle, seeking, watching, stopping };
    using Kind = SdpLine::Kind;
    /// An m-line of the browser's. One that is not sent any more stays, inactive, for the next of its kind.
    struct Line {
        FeedStream source;
        std::shared_ptr<SubscriberStream> sink;
        int payload_type = -1, red = -1;
        bool active = false, ready = false, connected = false;
    };
    using Outcome = std::variant<Json, WatchError>;

    Outcome on(const watch_request::Watch& request);
    Outcome on(const watch_request::Start& request);
    Outcome on(const watch_request::Pause& request);
    Outcome on(const watch_request::Stop& request);
    std::optional<WatchError> take_answer();

    void seek();
    void seek_again();
    /// Whether one that cannot be had at first may be had a moment later.
    [[nodiscard]] bool is_worth_a_try(federation::Reason reason) const;
    /// Matches m-lines and streams; whether the browser has to be offered something else.
    bool match(const std::vector<FeedStream>& streams);
    /// What the browser can receive.
    void estimated(ReceiverLimit::By by, std::uint32_t bits_per_second);
    Line& line_for(Kind kind);
    void connect(Line& line);
    void disconnect(Line& line);
    void set_open(Line& line) const;
    void offer(const std::string& transaction, const char* status);
    [[nodiscard]] Json lines() const;
    void push(const std::string& transaction, Json event, Json jsep = nullptr);
    /// Unasked.
    void tell(const char* status, federation::Reason reason = federation::Reason::none);
    /// It is over: nothing is sent any more.
    void leave();
    void finish(federation::Reason reason);
    void close_pc();
    void closed();
    void publish_facts();

    Streams& streams_;
    RoomHost& host_;
    std::shared_ptr<const ClientLine> line_;
    // Made once: the handle's thread may be in it while what we watch changes.
    SubscriberMedia media_;

    // The request being handled.
    std::string transaction_;
    const json_t* jsep_ = nullptr;

    Phase phase_ = Phase::idle;
    bool destroyed_ = false;
    gst::FeedUri uri_;
    std::string watch_transaction_;
    std::shared_ptr<const IncomingStream> stream_;  ///< while it is there
    std::size_t tries_ = 0;
    dht::Time until_{};  ///< when it is given up
    std::vector<Line> lines_;
    PayloadTypes types_;
    const std::shared_ptr<ReceiverEstimate> estimate_ = std::make_shared<ReceiverEstimate>();
    ReceiverLimit limit_;
    bool up_ = false, paused_ = false;
    bool answered_ = true;  ///< the last offer is
    bool pending_ = false;  ///< there is something that the last offer did not have
    bool ended_ = false;    ///< the publisher has said so
    bool told_end_ = false;
    std::uint64_t session_;
    unsigned version_ = 0;
    unsigned closings_ = 0, seeks_ = 0;

    /// What `info` may read from another thread.
    mutable std::mutex facts_mutex_;
    std::shared_ptr<json_t> facts_;
    std::shared_ptr<RemoteFeed> source_;
};

}  // namespace plugin
