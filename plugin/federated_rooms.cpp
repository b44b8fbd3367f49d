// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/federated_rooms.h"

#include <algorithm>
#include <charconv>

#include "dht/crypto.h"
#include "plugin/room_about.h"

namespace plugin {

using federation::Reason;

namespace {

std::optional<std::string> given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional{text};
}

RoomError error_for(Reason reason, const Id& room) {
    const std::string word{federation::word(reason)}, sentence{federation::sentence(reason)};
    switch (reason) {
        case Reason::unknown_room:
        case Reason::invalid_name:
            return {RoomCode::no_such_room, "No such room (" + room.text() + ")", word};
        case Reason::pin_required:
        case Reason::wrong_pin:
        case Reason::too_many_guesses:
            return {RoomCode::unauthorized, "Unauthorized (" + sentence + ")", word};
        default:
            return {RoomCode::unknown, sentence, word};
    }
}

/// Why somebody could not be kicked or muted.
RoomError refusal_of(Reason reason, const Id& who) {
    const std::string word{federation::word(reason)}, sentence{federation::sentence(reason)};
    switch (reason) {
        case Reason::wrong_pin:
            return unauthorized("wrong secret", "wrong-secret");
        case Reason::too_many_guesses:
        case Reason::not_permitted:
            return unauthorized(sentence, word);
        case Reason::unknown_user:
            return {RoomCode::no_such_feed, "No such user " + who.text(), "no-such-user"};
        default:
            return {RoomCode::unknown, sentence, word};
    }
}

json_t* server_info(const federation::RoomServer& server) {
    json_t* info = json_pack("{sssIsi}", "server", server.id.hex().c_str(), "members",
                             static_cast<json_int_t>(server.members), "load", static_cast<int>(server.load));
    if (!server.clients.empty()) set_string(info, "clients", server.clients);
    if (server.rtt)
        json_object_set_new(info, "rtt-ms",
                            json_real(std::chrono::duration<double, std::milli>(*server.rtt).count()));
    return info;
}

Json servers_info(const std::vector<federation::RoomServer>& servers) {
    Json list{json_array()};
    for (const auto& server : servers) json_array_append_new(list.get(), server_info(server));
    return list;
}

federation::Server::RoomPlan plan_of(const Room& room) {
    return {.about = rules_of(room.settings),
            .pin = given(room.settings.pin),
            .secret = given(room.settings.secret)};
}

}  // namespace

/// What others are told of one room's local participants.
class FederatedRooms::Elsewhere final : public Room::Elsewhere {
public:
    Elsewhere(FederatedRooms& rooms, const Room& room, std::weak_ptr<bool> alive)
        : rooms_(rooms), room_(room), alive_(std::move(alive)) {}
    void set(const Participant& participant) override {
        if (alive_.lock()) rooms_.set(room_, participant);
    }
    void remove(const Participant& participant) override {
        if (!alive_.lock()) return;
        rooms_.end_outgoing(room_.id.text(), participant.id.text());
        rooms_.member_.change([&](auto& server, auto now) {
            server.remove_participant(room_.id.text(), participant.id.text(), now);
        });
    }
    void emptied() override {
        if (alive_.lock()) rooms_.emptied(room_.id);
    }

private:
    FederatedRooms& rooms_;
    const Room& room_;
    std::weak_ptr<bool> alive_;
};

FederatedRooms::FederatedRooms(Membership& member, Rooms& rooms, Outbox& outbox)
    : member_(member), rooms_(rooms), outbox_(outbox) {
    rooms_.use(this);
}

FederatedRooms::~FederatedRooms() {
    rooms_.use(nullptr);
    for (auto& [id, outgoing] : outgoing_)
        if (outgoing.sender) outgoing.sender->close();
    for (auto& [id, incoming] : incoming_)
        if (const auto participant = incoming.participant.lock()) participant->source->close();
}

std::shared_ptr<Room> FederatedRooms::here(const std::string& room) const {
    auto found = rooms_.find(Id{room});
    return found && found->elsewhere ? found : nullptr;
}

// ---- Rooms

void FederatedRooms::share(const std::shared_ptr<Room>& room) {
    room->elsewhere = std::make_unique<Elsewhere>(*this, *room, alive_);
    made_here_[room->id.text()] = true;
    member_.change([&](auto& server, auto now) { server.create_room(room->id.text(), plan_of(*room), now); });
}

bool FederatedRooms::edit(Room& room) {
    bool edited = false;
    member_.change(
        [&](auto& server, auto now) { edited = server.edit_room(room.id.text(), plan_of(room), now); });
    return edited;
}

void FederatedRooms::destroy(Room& room) {
    made_here_.erase(room.id.text());
    for (const auto& [id, participant] : room.participants()) {
        if (participant->is_local())
            end_outgoing(room.id.text(), id.text());
        else
            stop(std::static_pointer_cast<RemoteParticipant>(participant));
    }
    member_.change([&](auto& server, auto now) { server.destroy_room(room.id.text(), now); });
}

void FederatedRooms::enter(const Id& room, const std::string& pin, Entered done) {
    const bool first = !entering_.contains(room.text());
    entering_.emplace(room.text(), Waiting{room, std::move(done)});
    if (first)
        member_.change([&](auto& server, auto now) { server.enter_room(room.text(), given(pin), now); });
}

void FederatedRooms::on(const federation::RoomCreated& event) {
    const auto room = here(event.room);
    if (!room) return;
    apply_rules(event.rules.about, room->settings);
    // Whoever came before the room was there.
    for (const auto& [id, participant] : room->participants())
        if (participant->is_local()) set(*room, *participant);
}

void FederatedRooms::on(const federation::RoomEntered& event) {
    const auto [begin, end] = entering_.equal_range(event.room);
    std::vector<Waiting> waiting;
    for (auto each = begin; each != end; ++each) waiting.push_back(std::move(each->second));
    entering_.erase(begin, end);
    auto room = here(event.room);
    if (!room && !waiting.empty()) {
        RoomSettings settings;
        apply_rules(event.rules.about, settings);
        settings.federated = true;
        room = rooms_.add(waiting.front().room, settings);
        room->elsewhere = std::make_unique<Elsewhere>(*this, *room, alive_);
    }
    for (auto& each : waiting) each.done(room);
    // Nobody stayed: a wrong token, say.
    if (room && room->unused() && !made_here_.contains(event.room)) emptied(room->id);
}

void FederatedRooms::on(const federation::RoomRefused& event) {
    const auto [begin, end] = entering_.equal_range(event.room);
    std::vector<Waiting> waiting;
    for (auto each = begin; each != end; ++each) waiting.push_back(std::move(each->second));
    entering_.erase(begin, end);
    for (auto& each : waiting) each.done(error_for(event.reason, each.room));
    if (waiting.empty())
        JANUS_LOG(LOG_WARN, "[viaduct] room %s is not in the federation: %s\n", event.room.c_str(),
                  std::string{federation::sentence(event.reason)}.c_str());
}

void FederatedRooms::on(const federation::RoomRulesChanged& event) {
    if (const auto room = here(event.room)) apply_rules(event.rules.about, room->settings);
}

void FederatedRooms::on(const federation::RoomDestroyed& event) {
    const auto room = here(event.room);
    if (!room) return;
    for (const auto& [id, participant] : room->participants())
        if (!participant->is_local()) stop(std::static_pointer_cast<RemoteParticipant>(participant));
    made_here_.erase(event.room);
    rooms_.remove(room->id);
    room->destroy();
}

void FederatedRooms::emptied(const Id& id) {
    if (made_here_.contains(id.text())) return;  // it stays where it was made
    const auto room = rooms_.find(id);
    if (!room) return;
    for (const auto& [name, participant] : room->participants())
        if (!participant->is_local()) stop(std::static_pointer_cast<RemoteParticipant>(participant));
    rooms_.remove(id);
    member_.change([&](auto& server, auto now) { server.leave_room(id.text(), now); });
}

bool FederatedRooms::pin_matches(const Room& room, const std::string& pin) const {
    // While it is being made it is as we said.
    if (!member_.server().has_room(room.id.text()))
        return room.settings.pin.empty() || pin == room.settings.pin;
    return member_.server().pin_matches(room.id.text(), given(pin));
}

bool FederatedRooms::secret_matches(const Room& room, const std::string& secret) const {
    const auto rules = member_.server().room_rules(room.id.text());
    if (!rules) return room.settings.secret.empty() || secret == room.settings.secret;
    if (!rules->secret) return true;
    return member_.server().secret_matches(room.id.text(), secret);
}

bool FederatedRooms::proves_elsewhere(const Room& room) const {
    const auto& server = member_.server();
    const auto rules = server.room_rules(room.id.text());
    return rules && rules->secret && !server.knows_secret(room.id.text());
}

void FederatedRooms::ask(const Room& room, const Participant& participant, const std::string& secret,
                         Json body, Asked done) {
    const auto* remote =
        participant.is_local() ? nullptr : static_cast<const RemoteParticipant*>(&participant);
    set_string(body.get(), "id", remote ? remote->there : participant.id.text());
    member_.change([&](auto& server, auto now) {
        // What comes of it is told later, not within.
        asked_[server.ask_room(room.id.text(), remote ? remote->peer : server.id(), secret, dump(body.get()),
                               now)] = {participant.id, std::move(done)};
    });
}

void FederatedRooms::on(const federation::RoomAnswered& event) {
    const auto asked = asked_.extract(event.request);
    if (asked.empty()) return;
    const auto& [about, done] = asked.mapped();
    done(event.reason == Reason::none ? std::nullopt : std::optional{refusal_of(event.reason, about)});
}

void FederatedRooms::lookup(const Id& room, Found done) {
    member_.change([&](auto& server, auto now) {
        lookups_[server.lookup_room(room.text(), now)] = {std::move(done), false};
    });
}

void FederatedRooms::alternates(const Id& room, std::function<void(Json)> done) {
    if (const auto known = rooms_.find(room))
        return done(known->elsewhere ? alternates(*known) : Json{json_array()});
    const auto told = [done = std::move(done)](std::variant<Json, RoomError> found) {
        auto* servers = std::get_if<Json>(&found);
        done(servers ? std::move(*servers) : Json{json_array()});
    };
    member_.change([&](auto& server, auto now) {
        lookups_[server.lookup_room(room.text(), now)] = {told, true};
    });
}

Json FederatedRooms::neighbours() const {
    return servers_info(member_.server().room_neighbours());
}

void FederatedRooms::on(const federation::RoomFound& event) {
    const auto found = lookups_.find(event.lookup);
    if (found == lookups_.end()) return;
    const auto [done, elsewhere] = std::move(found->second);
    lookups_.erase(found);
    auto servers = event.servers;
    if (elsewhere) std::erase_if(servers, [&](const auto& each) { return each.id == member_.server().id(); });
    if (servers.empty()) return done(error_for(event.reason, Id{event.room}));
    done(servers_info(servers));
}

Json FederatedRooms::alternates(const Room& room) const {
    return servers_info(member_.server().room_servers(room.id.text()));
}

void FederatedRooms::on(const federation::RoomDraining& event) {
    const auto room = here(event.room);
    if (!room) return;
    const Json told = draining_event(room->id, event.draining, alternates(*room));
    for (const auto& [id, participant] : room->participants()) participant->tell(told.get());
}

// ---- Who is in them

void FederatedRooms::set(const Room& room, const Participant& participant) {
    member_.expect_trunks();
    if (!participant.feed) end_outgoing(room.id.text(), participant.id.text());
    tell_outgoing(room, participant);
    member_.change([&](auto& server, auto now) {
        const federation::Participant told{participant.id.text(),
                                           participant.display.substr(0, federation::display_bytes_max),
                                           about_text(participant)};
        if (!server.set_participant(room.id.text(), told, now))
            JANUS_LOG(LOG_WARN, "[viaduct] other servers cannot be told of participant %s\n",
                      told.id.c_str());
    });
}

Id FederatedRooms::local_id(const Room& room, const dht::NodeId& peer, const std::string& there) const {
    const bool number =
        !there.empty() && std::ranges::all_of(there, [](char c) { return c >= '0' && c <= '9'; });
    if (!number) {
        const Id plain{there.substr(0, Id::text_max)};
        return room.find(plain) ? Id{(there + "@" + peer.hex().substr(0, 8)).substr(0, Id::text_max)} : plain;
    }
    // The same at every server but its own; of 53 bits, so no two of a room's are equal.
    const std::string digest = dht::sha1(peer.hex() + "/" + there).hex();
    std::uint64_t id = 0;
    std::from_chars(digest.data(), digest.data() + 14, id, 16);
    return Id{id & Id::number_max};
}

std::shared_ptr<RemoteParticipant> FederatedRooms::find(const Room& room, const dht::NodeId& peer,
                                                        const std::string& there) const {
    for (const auto& [id, participant] : room.participants()) {
        if (participant->is_local()) continue;
        auto remote = std::static_pointer_cast<RemoteParticipant>(participant);
        if (remote->peer == peer && remote->there == there) return remote;
    }
    return nullptr;
}

void FederatedRooms::on(const federation::ParticipantChanged& event) {
    const auto room = here(event.room);
    if (!room) return;
    auto remote = find(*room, event.peer, event.participant.id);
    const bool is_new = !remote;
    if (is_new) {
        remote = std::make_shared<RemoteParticipant>(event.peer, event.participant.id);
        remote->id = local_id(*room, event.peer, event.participant.id);
        remote->source = std::make_shared<RemoteFeed>(outbox_);
        remote->display = event.participant.display;
        if (!room->add(remote)) return;
    }
    describe(room, remote, event.participant);
}

gst::FeedDescription FederatedRooms::read(const federation::Participant& told) {
    if (told.about.empty()) return {};
    auto about = gst::FeedDescription::parse(told.about);
    if (about) return std::move(*about);
    JANUS_LOG(LOG_WARN, "[viaduct] what participant %s publishes cannot be shown: %s\n", told.id.c_str(),
              about.error().what.c_str());
    return {};
}

void FederatedRooms::describe(const std::shared_ptr<Room>& room,
                              const std::shared_ptr<RemoteParticipant>& remote,
                              const federation::Participant& told) {
    const auto about = read(told);
    const bool renamed = remote->display != told.display;
    remote->display = told.display;
    remote->metadata = about.metadata;
    remote->e2ee = about.e2ee;
    if (about.streams.empty()) {
        stop(remote);
        return room->unpublished(*remote);
    }
    const auto& feed = remote->source->feed();
    const auto before = feed->streams();
    if (remote->feed && !renamed && before == about.streams) return;
    feed->describe(about.streams);
    if (remote->feed && !renamed) {
        // Who talks, or is muted, is not another feed.
        for (std::size_t i = 0; i < before.size() && before.size() == about.streams.size(); ++i)
            tell_difference(*room, *remote, before[i], about.streams[i]);
        if (same_media(before, about.streams)) return;
    }
    remote->feed = feed;
    feed->on_demand(
        [this, alive = std::weak_ptr{alive_}, weak = std::weak_ptr{remote}, name = room->id.text()] {
            if (alive.lock()) demand(weak, name);
        });
    room->published(*remote);
}

void FederatedRooms::on(const federation::ParticipantGone& event) {
    const auto room = here(event.room);
    const auto remote = room ? find(*room, event.peer, event.id) : nullptr;
    if (!remote) return;
    stop(remote);
    room->remove(*remote, "leaving");
}

void FederatedRooms::on(const federation::RoomPeerDown& event) {
    const auto room = here(event.room);
    if (!room) return;
    std::vector<std::shared_ptr<RemoteParticipant>> gone;
    for (const auto& [id, participant] : room->participants()) {
        if (participant->is_local()) continue;
        auto remote = std::static_pointer_cast<RemoteParticipant>(participant);
        if (remote->peer == event.peer) gone.push_back(std::move(remote));
    }
    for (const auto& remote : gone) {
        stop(remote);
        room->remove(*remote, "leaving");
    }
}

void FederatedRooms::on(const federation::RoomRequested& event) {
    const auto room = here(event.room);
    const Json body = load(event.body);
    const auto text = [&](const char* key) {
        const char* value = json_string_value(json_object_get(body.get(), key));
        return std::string{value ? value : ""};
    };
    const auto participant = room ? room->find(Id{text("id")}) : nullptr;
    bool done = false;
    if (participant && participant->is_local() && text("request") == "kick") done = participant->kick();
    if (participant && participant->is_local() && text("request") == "moderate")
        done = participant->moderate(text("mid"), json_is_true(json_object_get(body.get(), "mute")));
    member_.change([&](auto& server, auto now) {
        server.answer_room(event.request, "{}", done ? Reason::none : Reason::unknown_user, now);
    });
}

}  // namespace plugin
