// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/layer_budget.h"
#include "plugin/remb.h"
#include "plugin/room.h"
#include "plugin/room_host.h"
#include "plugin/subscribe_offer.h"
#include "plugin/subscriber_media.h"
#include "plugin/videoroom_request.h"

namespace plugin {

/// A handle that watches feeds of a room. Its browser is offered an m-line for each stream; one that is not
/// wanted any more stays, inactive, for the next of its kind. One offer at a time is without an answer: what
/// changes meanwhile is in the next. On the loop.
class Subscriber final : public Watcher, public std::enable_shared_from_this<Subscriber> {
public:
    Subscriber(RoomHost& host, std::shared_ptr<const ClientLine> line, SubscriberMedia& media,
               std::shared_ptr<Room> room, std::function<void()> left);
    ~Subscriber() override;
    Subscriber(const Subscriber&) = delete;
    Subscriber& operator=(const Subscriber&) = delete;

    /// What is to be pushed, with a JSEP or without; or what is wrong.
    struct Told {
        Json event;
        Json jsep;
    };
    using Outcome = std::variant<Told, RoomError>;

    Outcome join(const room_request::Join& request);
    Outcome start(const json_t* jsep);
    Outcome pause();
    Outcome update(const room_request::Update& request);
    Outcome change(const room_request::Switch& request);
    Outcome configure(const room_request::Configure& request);
    Outcome leave();
    void media_up();
    void media_gone();
    void slow_link(int mindex, bool video, bool uplink);
    void destroy();

    // From the room.
    void feed_changed(const Participant& publisher) override;
    void feed_gone(const Id& publisher) override;
    void room_gone() override;

    [[nodiscard]] const std::shared_ptr<Room>& room() const { return room_; }
    /// As `attached` tells it.
    [[nodiscard]] Json streams() const;

private:
    using Kind = SdpLine::Kind;
    struct Line {
        Kind kind = Kind::audio;
        std::string mid;
        bool active = false, ready = false;
        bool send = true;
        std::string crossrefid;
        LayerSelector::Aim aim{};   ///< as the client wishes
        LayerBudget::Share fits{};  ///< what its path carries
        int least_delay = -1, most_delay = -1;
        // Where it comes from; of data there are several.
        Id publisher;
        std::string display;
        FeedStream source{};
        std::weak_ptr<Feed> feed{};
        std::map<Id, std::weak_ptr<Feed>> data_sources{};
        std::shared_ptr<SubscriberStream> sink{};
        int payload_type = -1, red = -1;
    };

    /// Adds what it asks for; false when there is no such feed, or it has nothing of the kind.
    bool subscribe(const room_request::Source& source);
    void add(const Participant& publisher, const FeedStream& stream, const room_request::Source& source);
    void add_data(const Participant& publisher, const FeedStream& stream);
    Line& line_for(Kind kind);
    void connect(Line& line, const std::shared_ptr<Feed>& feed);
    void disconnect(Line& line);
    void unsubscribe(const room_request::Sink& sink);
    /// The next offer, or the word that it has to wait.
    Told offer(const char* event, bool changed);
    [[nodiscard]] Json make_offer();
    /// When nobody has asked.
    void offer_again();
    /// The browser can receive so much.
    void estimated(ReceiverLimit::By by, std::uint32_t bits_per_second, dht::Time now);
    [[nodiscard]] static LayerSelector::Aim aim_of(const Line& line);
    void apply(Line& line, const room_request::Target& target);
    void set_open(Line& line) const;
    void publish_sinks();
    [[nodiscard]] Json info(const Line& line, int mindex) const;
    [[nodiscard]] Line* find(const std::string& mid);

    RoomHost& host_;
    std::shared_ptr<const ClientLine> line_;
    SubscriberMedia& media_;
    std::shared_ptr<Room> room_;
    std::function<void()> left_;

    std::vector<Line> lines_;
    /// Of this PeerConnection: Janus numbers what goes through each from 1.
    const std::shared_ptr<ReceiverEstimate> estimate_ = std::make_shared<ReceiverEstimate>();
    ReceiverLimit limit_;
    LayerBudget budget_;
    PayloadTypes types_;
    bool use_msid_ = false, autoupdate_ = true, legacy_ = false;
    bool e2ee_ = false;
    bool up_ = false, paused_ = false, over_ = false;
    bool answered_ = true;  ///< the last offer is
    bool pending_ = false;  ///< there is something that the last offer did not have
    bool restart_ = false;
    std::uint64_t session_;
    unsigned version_ = 0;
};

}  // namespace plugin
