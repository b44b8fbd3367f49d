// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plugin/feed.h"
#include "plugin/json.h"
#include "plugin/room_id.h"
#include "plugin/room_settings.h"

namespace plugin {

class Forwarder;

/// Somebody in a room who may publish: a handle of this server, or somebody at another.
class Participant {
public:
    virtual ~Participant() = default;

    Id id;
    std::string display;
    std::shared_ptr<json_t> metadata;
    /// What is published, from the moment when media flows; null: nothing.
    std::shared_ptr<Feed> feed;
    bool e2ee = false;  ///< what is published is encrypted once more

    /// An event for its client, who has to be here.
    virtual void tell(const json_t* /*event*/) {}
    /// By whoever may. False: it cannot be told to.
    virtual bool kick() { return false; }
    virtual bool moderate(const std::string& /*mid*/, bool /*mute*/) { return false; }
    virtual void record(bool /*on*/) {}
    [[nodiscard]] virtual bool is_local() const { return true; }
    /// Or is about to.
    [[nodiscard]] virtual bool publishes() const { return feed != nullptr; }
};

/// Somebody who watches a room, and has to know what becomes of feeds.
class Watcher {
public:
    virtual ~Watcher() = default;
    /// Its streams are others than before, or it has come back.
    virtual void feed_changed(const Participant& publisher) = 0;
    virtual void feed_gone(const Id& publisher) = 0;
    virtual void room_gone() = 0;
};

/// One room as this server sees it: who is in it, here and elsewhere, and who is told what. On the loop.
class Room {
public:
    /// What others are told of local participants, when the room lives elsewhere too.
    class Elsewhere {
    public:
        virtual ~Elsewhere() = default;
        /// It has come, or is other than before.
        virtual void set(const Participant& participant) = 0;
        virtual void remove(const Participant& participant) = 0;
        /// The last local one has gone, watchers included.
        virtual void emptied() = 0;
    };

    Room(Id name, RoomSettings how) : id(std::move(name)), settings(std::move(how)) {}

    const Id id;
    RoomSettings settings;
    std::optional<std::set<std::string>> allowed;  ///< tokens; nothing: none is needed
    std::unique_ptr<Elsewhere> elsewhere;
    bool destroyed = false;

    /// False: somebody has this id.
    bool add(const std::shared_ptr<Participant>& participant);
    /// `event` says why to the others: "leaving" or "kicked".
    void remove(const Participant& participant, const char* event);
    /// Its feed can be had from now on, or is other than before.
    void published(Participant& participant);
    void unpublished(Participant& participant);
    /// Only its name or its streams' descriptions changed.
    void renamed(const Participant& participant);
    void destroy();

    [[nodiscard]] std::shared_ptr<Participant> find(const Id& id) const;
    [[nodiscard]] const std::map<Id, std::shared_ptr<Participant>>& participants() const {
        return participants_;
    }
    [[nodiscard]] std::size_t publishing() const;
    void tell_others(const Participant& but, const json_t* event) const;
    /// [{"id":…,"display":…,"streams":[…]},…], without one of them.
    [[nodiscard]] Json publishers(const Participant* but) const;
    /// Who only attends, without one of them.
    [[nodiscard]] Json attendees(const Participant* but) const;

    void watch(Watcher& watcher) { watchers_.insert(&watcher); }
    [[nodiscard]] std::size_t watchers() const { return watchers_.size(); }
    /// Nobody of this server is in it or watches it.
    [[nodiscard]] bool unused() const { return !has_locals(); }
    void unwatch(Watcher& watcher);

    /// Numbers that only a participant and we know: which subscription is whose.
    std::map<std::uint32_t, Id> private_ids;

    struct Forward {
        Id publisher;
        std::string mid;
        std::weak_ptr<Feed> feed;
        std::shared_ptr<Forwarder> forwarder;
    };
    std::map<std::uint32_t, Forward> forwards;

private:
    [[nodiscard]] bool has_locals() const;
    void stop_forwards(const Id& publisher);

    std::map<Id, std::shared_ptr<Participant>> participants_;
    std::set<Watcher*> watchers_;
};

/// As `publishers` tells it.
Json publisher_info(const Participant& participant);
/// {"id":…,"display":…,"metadata":…}
Json attendee_info(const Participant& participant);
/// {"videoroom":NAME,"room":ROOM}
Json room_event(const char* name, const Id& room);
void set_string(json_t* object, const char* key, const std::string& value);

}  // namespace plugin
