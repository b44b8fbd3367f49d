// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/member.h"

#include <algorithm>
#include <utility>

#include "federation/glib/identity.h"
#include "federation/glib/membership_file.h"
#include "federation/glib/own_address.h"
#include "gst/init.h"

namespace elements {

using federation::Reason;
using federation::SubscriptionId;

namespace {

federation::Config config_of(const dht::NodeId& self, const NodePlan& plan) {
    federation::Config config;
    config.node.federation = plan.federation.text();
    if (plan.federation.key) {
        const auto& settings = plan.settings;
        const auto file = settings.certificate_file.empty()
                              ? glib::membership_file_beside(settings.identity_file)
                              : settings.certificate_file;
        config.node.certificate = encode(glib::load_membership(file, plan.federation, self).certificate);
    }
    config.software = "viaduct-gst/" VIADUCT_VERSION;
    config.signalling = plan.listen.signalling;
    if (const auto host = config.signalling.host(); host == "0.0.0.0" || host == "::") {
        // Where there is no network but the loopback, the others are on this machine.
        const auto own = glib::own_address().value_or("127.0.0.1");
        config.signalling.address =
            dht::Endpoint::parse((own.find(':') == std::string::npos ? own : '[' + own + ']') + ":1")
                ->address;
    }
    return config;
}

}  // namespace

Member::Member(glib::Loop& loop, const dht::Identity& identity, const NodePlan& plan)
    : loop_(loop), id_(identity.node_id()) {
    const auto on_event = [this](const federation::Event& event) {
        if (!stopping_) std::visit([this](const auto& told) { on(told); }, event);
    };
    const auto config = config_of(id_, plan);
    runner_ = std::make_unique<glib::Runner>(loop_, identity, config, plan.listen, on_event);
    gst::TrunkConfig trunk;
    trunk.addresses.push_back(config.signalling.host());
    trunks_ = std::make_unique<gst::Trunks>(
        loop_, id_, trunk,
        gst::Trunks::Callbacks{
            .signal =
                [this](const dht::NodeId& peer, const federation::TrunkSignal& signal) {
                    runner_->change([&](auto& server, auto now) { server.signal_trunk(peer, signal, now); });
                },
            .up = [this](const dht::NodeId& peer) { trunk_up(peer); },
            .failed = [this](const dht::NodeId& peer, Reason reason) { trunk_failed(peer, reason); }});
    join(plan);
}

void Member::join(const NodePlan& plan) {
    auto known = plan.contacts;
    if (!plan.settings.identity_file.empty()) {
        contacts_file_.emplace(
            loop_, glib::contacts_file_beside(plan.settings.identity_file),
            [this] { return runner_->server().node().contacts(); },
            [](const std::string& warning) { GST_WARNING("%s", warning.c_str()); });
        for (const auto& saved : contacts_file_->load()) known.push_back(saved);
    }
    runner_->change([&](auto& server, auto now) { server.bootstrap(known, now); });
}

Member::~Member() {
    loop_.run([this] {
        stop_media();
        contacts_file_.reset();  // while the node still knows them
    });
    runner_.reset();
}

void Member::stop_media() {
    stopping_ = true;
    trunks_.reset();
}

// --- Offering ------------------------------------------------------------------------------------

bool Member::offer(const std::string& stream, const std::shared_ptr<Publisher>& publisher) {
    auto& place = streams_[stream];
    if (!place.expired()) return false;
    place = publisher;
    runner_->change([&](auto& server, auto now) { server.offer_stream(stream, now); });
    return true;
}

void Member::withdraw(const std::string& stream) {
    if (streams_.erase(stream) > 0)
        runner_->change([&](auto& server, auto now) { server.withdraw_stream(stream, now); });
}

void Member::accept(const SubscriptionId& viewer, const std::string& about) {
    runner_->change([&](auto& server, auto now) { server.accept_subscription(viewer, about, now); });
}

void Member::change(const SubscriptionId& viewer, const std::string& about) {
    runner_->change([&](auto& server, auto now) { server.change_feed(viewer, about, now); });
}

void Member::end(const SubscriptionId& subscription, Reason reason) {
    viewers_.erase(subscription);
    watched_.erase(subscription);
    runner_->change([&](auto& server, auto now) { server.end_subscription(subscription, reason, now); });
}

std::shared_ptr<Publisher> Member::publisher_of(const federation::FeedAddress& feed) {
    const auto in = [&](const auto& places) -> std::shared_ptr<Publisher> {
        const auto found = places.find(feed.feed);
        return found == places.end() ? nullptr : found->second.lock();
    };
    if (feed.room.empty()) return in(streams_);
    const auto room = rooms_.find(feed.room);
    return room == rooms_.end() ? nullptr : in(room->second.participants);
}

void Member::on(const federation::StreamOffered& event) {
    if (const auto publisher = publisher_of({id_, {}, event.stream})) publisher->offered(*this);
}

void Member::on(const federation::StreamRefused& event) {
    if (const auto publisher = publisher_of({id_, {}, event.stream})) publisher->refused(*this, event.reason);
}

void Member::on(const federation::FeedWanted& event) {
    const auto publisher = publisher_of(event.feed);
    if (!publisher) return end(event.subscription, Reason::unknown_feed);
    viewers_[event.subscription] = {publisher, event.peer};
    if (event.peer != id_) trunks_->require(event.peer);
    publisher->wanted(*this, event);
}

// --- Watching ------------------------------------------------------------------------------------

SubscriptionId Member::subscribe(const federation::FeedAddress& feed, const std::string& wish,
                                 const std::shared_ptr<Subscriber>& subscriber) {
    SubscriptionId id;
    runner_->change([&](auto& server, auto now) { id = server.subscribe(feed, wish, now); });
    watched_[id] = {subscriber, std::nullopt};
    return id;
}

void Member::change_wish(const SubscriptionId& subscription, const std::string& wish) {
    runner_->change([&](auto& server, auto now) { server.change_wish(subscription, wish, now); });
}

void Member::lookup(const std::string& stream, Found found) {
    // What it finds is told later, not within.
    runner_->change(
        [&](auto& server, auto now) { lookups_[server.lookup_stream(stream, now)] = std::move(found); });
}

void Member::on(const federation::StreamFound& event) {
    if (const auto found = lookups_.extract(event.lookup)) found.mapped()(event);
}

std::shared_ptr<Subscriber> Member::subscriber_of(const SubscriptionId& subscription) {
    const auto found = watched_.find(subscription);
    return found == watched_.end() ? nullptr : found->second.subscriber.lock();
}

void Member::on(const federation::SubscriptionProceeding& event) {
    const auto subscriber = subscriber_of(event.subscription);
    if (!subscriber) return;
    watched_[event.subscription].peer = event.peer;
    subscriber->proceeding(*this, event.peer, event.lane);
}

void Member::on(const federation::SubscriptionAccepted& event) {
    if (const auto subscriber = subscriber_of(event.subscription)) subscriber->accepted(*this, event.about);
}

void Member::on(const federation::SubscriptionChanged& event) {
    if (const auto subscriber = subscriber_of(event.subscription)) subscriber->changed(*this, event.about);
}

void Member::on(const federation::SubscriptionEnded& event) {
    tell_end(event.subscription, event.reason);
}

void Member::tell_end(const SubscriptionId& subscription, Reason reason) {
    if (const auto viewer = viewers_.extract(subscription)) {
        if (const auto publisher = viewer.mapped().publisher.lock())
            publisher->left(*this, subscription, reason);
    }
    if (const auto watched = watched_.extract(subscription)) {
        if (const auto subscriber = watched.mapped().subscriber.lock()) subscriber->ended(*this, reason);
    }
}

// --- Media ---------------------------------------------------------------------------------------

std::shared_ptr<gst::Lane> Member::open_lane(const dht::NodeId& peer, federation::LaneId lane,
                                             std::shared_ptr<gst::LaneReceiver> receiver) {
    if (peer == id_) return local_lanes_.open(lane, std::move(receiver));
    return trunks_ ? trunks_->open(peer, lane, std::move(receiver)) : nullptr;
}

void Member::on(const federation::TrunkSignalled& event) {
    trunks_->signalled(event.peer, event.signal);
}

void Member::trunk_up(const dht::NodeId& peer) {
    std::vector<std::shared_ptr<Publisher>> publishers;
    for (const auto& [id, viewer] : viewers_) {
        auto publisher = viewer.peer == peer ? viewer.publisher.lock() : nullptr;
        if (publisher && std::ranges::find(publishers, publisher) == publishers.end())
            publishers.push_back(std::move(publisher));
    }
    std::vector<std::shared_ptr<Subscriber>> subscribers;
    for (const auto& [id, watched] : watched_)
        if (auto subscriber = watched.peer == peer ? watched.subscriber.lock() : nullptr)
            subscribers.push_back(std::move(subscriber));
    for (const auto& publisher : publishers) publisher->trunk_up(*this, peer);
    for (const auto& subscriber : subscribers) subscriber->trunk_up(*this);
}

void Member::trunk_failed(const dht::NodeId& peer, Reason reason) {
    std::vector<SubscriptionId> affected;
    for (const auto& [id, viewer] : viewers_)
        if (viewer.peer == peer) affected.push_back(id);
    for (const auto& [id, watched] : watched_)
        if (watched.peer == peer) affected.push_back(id);
    for (const auto& id : affected) {
        runner_->change([&](auto& server, auto now) { server.end_subscription(id, reason, now); });
        tell_end(id, reason);
    }
}

// --- Rooms ---------------------------------------------------------------------------------------

void Member::enter(const std::string& room, const std::shared_ptr<Attendant>& attendant) {
    auto& place = rooms_[room];
    const bool first = place.attendants.empty();
    place.attendants.push_back(attendant);
    if (first) return runner_->change([&](auto& server, auto now) { server.enter_room(room, {}, now); });
    if (!place.entered) return;
    attendant->entered(*this);
    remind(room, *attendant);
}

void Member::remind(const std::string& room, Attendant& attendant) {
    for (const auto& server : runner_->server().room_peers(room))
        for (const auto& participant : runner_->server().participants(room, server))
            attendant.participant(*this, server, participant);
}

void Member::leave(const std::string& room, const Attendant* attendant) {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return;
    auto& attendants = found->second.attendants;
    std::erase_if(attendants,
                  [&](const auto& one) { return one.expired() || one.lock().get() == attendant; });
    if (!attendants.empty()) return;
    rooms_.erase(found);
    runner_->change([&](auto& server, auto now) { server.leave_room(room, now); });
}

bool Member::set_participant(const std::string& room, const federation::Participant& participant,
                             const std::shared_ptr<Publisher>& publisher) {
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) return false;
    auto& place = found->second.participants[participant.id];
    if (!place.expired() && place.lock() != publisher) return false;
    place = publisher;
    bool set = false;
    runner_->change([&](auto& server, auto now) { set = server.set_participant(room, participant, now); });
    return set;
}

void Member::remove_participant(const std::string& room, const std::string& id) {
    if (const auto found = rooms_.find(room); found != rooms_.end()) found->second.participants.erase(id);
    runner_->change([&](auto& server, auto now) { server.remove_participant(room, id, now); });
}

void Member::on(const federation::RoomEntered& event) {
    const auto found = rooms_.find(event.room);
    if (found == rooms_.end()) return;
    found->second.entered = true;
    const auto attendants = found->second.attendants;  // they may change it
    for (const auto& one : attendants)
        if (const auto attendant = one.lock()) attendant->entered(*this);
}

void Member::refuse_room(const std::string& room, Reason reason) {
    const auto refused = rooms_.extract(room);
    if (!refused) return;
    for (const auto& one : refused.mapped().attendants)
        if (const auto attendant = one.lock()) attendant->refused(*this, reason);
}

void Member::on(const federation::RoomRefused& event) {
    refuse_room(event.room, event.reason);
}

void Member::on(const federation::RoomDestroyed& event) {
    refuse_room(event.room, Reason::room_destroyed);
}

void Member::on(const federation::ParticipantChanged& event) {
    const auto found = rooms_.find(event.room);
    if (found == rooms_.end()) return;
    const auto attendants = found->second.attendants;
    for (const auto& one : attendants)
        if (const auto attendant = one.lock()) attendant->participant(*this, event.peer, event.participant);
}

}  // namespace elements
