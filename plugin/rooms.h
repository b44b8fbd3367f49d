// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "plugin/room.h"
#include "plugin/room_host.h"
#include "plugin/rooms_config.h"
#include "plugin/videoroom_request.h"

namespace plugin {

/// The rooms that live elsewhere too, as far as the others are concerned (room_network.h).
class RoomNetwork {
public:
    virtual ~RoomNetwork() = default;
    /// It is marked federated: it is made in the federation. Gives it its `elsewhere`.
    virtual void share(const std::shared_ptr<Room>& room) = 0;
    /// Other settings of one that is shared. False: it was made elsewhere.
    virtual bool edit(Room& room) = 0;
    virtual void destroy(Room& room) = 0;
    using Entered = std::function<void(std::variant<std::shared_ptr<Room>, RoomError>)>;
    /// Somebody wants into a room that is not here. `done` comes later, and not inside.
    virtual void enter(const Id& room, const std::string& pin, Entered done) = 0;
    /// Of a room that is here and shared.
    [[nodiscard]] virtual bool pin_matches(const Room& room, const std::string& pin) const = 0;
    [[nodiscard]] virtual bool secret_matches(const Room& room, const std::string& secret) const = 0;
    /// The room has a secret that only other servers know: they are asked with `ask`.
    [[nodiscard]] virtual bool proves_elsewhere(const Room& room) const = 0;
    /// Wants something done to a participant, here or elsewhere, by whoever knows the secret; it is proved
    /// first. `body`: what, and its elements but `id`. `done` comes later, and not inside: nothing, or why it
    /// was not done.
    using Asked = std::function<void(std::optional<RoomError> refusal)>;
    virtual void ask(const Room& room, const Participant& participant, const std::string& secret, Json body,
                     Asked done) = 0;
    /// Where else a room is, best first: [{"server":…,"clients":…,"members":…,"load":…},…]
    using Found = std::function<void(std::variant<Json, RoomError>)>;
    virtual void lookup(const Id& room, Found done) = 0;
    [[nodiscard]] virtual Json alternates(const Room& room) const = 0;
    /// For a room that need not be here, without this server: `done` may be called inside.
    virtual void alternates(const Id& room, std::function<void(Json)> done) = 0;
    /// The servers that share some room with this one, in the same form: for a room that is nowhere yet.
    [[nodiscard]] virtual Json neighbours() const = 0;
};

/// All rooms that are at this server, and what is answered at once about them. On the loop.
class Rooms {
public:
    /// Rooms at one server: a thousand are a building; each costs some kilobytes.
    static constexpr std::size_t rooms_max = 10'000;
    /// Tokens that a room keeps.
    static constexpr std::size_t tokens_max = 10'000;

    Rooms(RoomHost& host, RoomsConfig config);

    void use(RoomNetwork* network) { network_ = network; }
    /// The rooms of the configuration are made in the federation: once it can be asked whether they are
    /// there.
    void share_configured();
    [[nodiscard]] RoomNetwork* network() const { return network_; }

    /// Takes in nobody new, or does again. The members of rooms that are only here are told; of the others
    /// the federation tells.
    void drain(bool draining);
    [[nodiscard]] bool draining() const { return draining_; }
    /// Why nobody can be taken in: drained, or full.
    [[nodiscard]] std::optional<RoomError> closed() const;
    struct Population {
        std::size_t local_rooms = 0, federated_rooms = 0;
        std::size_t members_here = 0, members_elsewhere = 0;
        std::size_t feeds_here = 0, feeds_elsewhere = 0;
        std::size_t subscribers = 0;
    };
    [[nodiscard]] Population population() const;
    [[nodiscard]] const RoomsConfig& config() const { return config_; }

    /// The answer to a synchronous request, or an error in its place. `done` is called inside, unless another
    /// server has to be asked: then later, or never, if this one stops.
    using Answered = std::function<void(Json answer)>;
    void administer(const json_t* message, const Answered& done);
    /// For who cannot wait: of what another server is asked, that it has been.
    Json administer(const json_t* message);

    [[nodiscard]] std::shared_ptr<Room> find(const Id& id) const;
    [[nodiscard]] std::size_t size() const { return rooms_.size(); }
    [[nodiscard]] const std::map<Id, std::shared_ptr<Room>>& all() const { return rooms_; }
    std::shared_ptr<Room> add(const Id& id, RoomSettings settings);
    /// One that this server makes: as VideoRoom, without what its Janus cannot do.
    std::shared_ptr<Room> make(const Id& id, RoomSettings settings);
    void remove(const Id& id) { rooms_.erase(id); }

    /// Whether somebody with this pin and token may be in the room.
    [[nodiscard]] std::optional<RoomError> admit(const Room& room, const std::string& pin,
                                                 const std::string& token) const;
    /// One that nobody in the room has.
    Id new_id(const Room& room);
    RoomHost& host() { return host_; }

private:
    using Answer = std::variant<Json, RoomError>;
    Answer on(const room_request::Create& request);
    Answer on(const room_request::Edit& request);
    Answer on(const room_request::Destroy& request);
    Answer on(const room_request::Exists& request);
    Answer on(const room_request::List& request);
    Answer on(const room_request::ListParticipants& request);
    Answer on(const room_request::Allowed& request);
    Answer on(const room_request::Kick& request);
    Answer on(const room_request::Moderate& request);
    Answer on(const room_request::EnableRecording& request);
    Answer on(const room_request::Forward& request);
    Answer on(const room_request::StopForward& request);
    Answer on(const room_request::ListForwarders& request);
    Answer on(const room_request::Remote& request);

    /// What another server must do, or be asked whether it may be done: it is asked. Otherwise false.
    bool ask_elsewhere(const room_request::Kick& request, const Answered& done);
    bool ask_elsewhere(const room_request::Moderate& request, const Answered& done);
    [[nodiscard]] bool is_elsewhere(const Room& room, const Participant* participant) const;
    /// The room, if its secret was shown.
    std::variant<std::shared_ptr<Room>, RoomError> managed(const room_request::OfRoom& request) const;
    [[nodiscard]] bool knows_key(const std::string& key) const;

    RoomHost& host_;
    RoomsConfig config_;
    RoomNetwork* network_ = nullptr;
    bool draining_ = false;
    std::map<Id, std::shared_ptr<Room>> rooms_;
};

/// {"videoroom":"event","room":…,"draining":…,"alternates":[…]}
Json draining_event(const Id& room, bool draining, Json alternates);
RoomError no_such_room(const Id& id);
RoomError unauthorized(const std::string& why, const std::string& reason);
/// {"videoroom":"event","error_code":…,"error":…,"reason":…}
Json error_of(const RoomError& error);

}  // namespace plugin
