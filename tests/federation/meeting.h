// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/check.h"
#include "tests/federation/world.h"

/// A room on some servers, and what each server's floor above would believe after all that it was told.
class Meeting {
public:
    using Host = World::Host;
    using Ids = std::set<std::string>;

    World world;
    std::vector<Host*> hosts;
    std::string room = "demo";

    explicit Meeting(std::size_t servers, const federation::Config& config = {}) {
        hosts = world.federate(servers, config);
    }

    static federation::Participant participant(const std::string& id) {
        return {id, "Who is " + id, R"({"streams":[{"mid":"0","type":"video","codec":"vp8"}]})"};
    }

    /// Made at the first server.
    void make(const federation::Server::RoomPlan& plan = {}) {
        (*hosts[0])->create_room(room, plan, world.now());
        wait_for<federation::RoomCreated>(*hosts[0]);
    }

    void enter(Host& host, const std::optional<std::string>& pin = {}) {
        host->enter_room(room, pin, world.now());
        wait_for<federation::RoomEntered>(host);
    }

    void join(Host& host, const std::string& id) {
        ck_assert(host->set_participant(room, participant(id), world.now()));
        there_[&host].insert(id);
    }

    void quit(Host& host, const std::string& id) {
        host->remove_participant(room, id, world.now());
        there_[&host].erase(id);
    }

    void leave(Host& host) {
        host->leave_room(room, world.now());
        there_[&host].clear();
        believed_[&host].clear();
    }

    /// What happened at this server, in order; `T` is waited for.
    template <class T>
    T wait_for(Host& host, dht::Duration limit = std::chrono::seconds{10}) {
        std::optional<T> found;
        const bool came = world.run_until([&] { return (found = take<T>(host)).has_value(); }, limit);
        ck_assert_msg(came, "what was waited for did not come");
        return *found;
    }

    template <class T>
    std::optional<T> take(Host& host) {
        std::optional<T> found;
        while (!host.events.empty() && !found) {
            auto event = std::move(host.events.front());
            host.events.pop_front();
            if (auto* wanted = std::get_if<T>(&event)) found = *wanted;
            std::visit([&](const auto& told) { believe(host, told); }, event);
        }
        return found;
    }

    /// Whether each of these believes of each other what is true of it, and nothing else.
    bool agreed(const std::vector<Host*>& among) {
        for (auto* host : among) {
            listen(*host);
            std::map<dht::NodeId, Ids> right;
            for (auto* other : among) {
                if (other != host) right[(*other)->id()] = there_[other];
            }
            if (believed_[host] != right) return false;
        }
        return true;
    }

    bool agree(const std::vector<Host*>& among, dht::Duration limit = std::chrono::seconds{3}) {
        return world.run_until([&] { return agreed(among); }, limit);
    }

    void listen(Host& host) { (void)take<federation::NodeJoined>(host); }

    [[nodiscard]] const std::map<dht::NodeId, Ids>& believed(Host& host) { return believed_[&host]; }

    /// Its process is gone, and what it knew.
    void kill(Host& host) {
        world.kill(host);
        there_[&host].clear();
        believed_[&host].clear();
    }

private:
    void believe(Host& host, const federation::RoomPeerUp& up) {
        if (up.room != room) return;
        ck_assert_msg(!believed_[&host].contains(up.peer), "a peer came up twice");
        believed_[&host][up.peer];
    }
    void believe(Host& host, const federation::RoomPeerDown& down) {
        if (down.room != room) return;
        ck_assert_msg(believed_[&host].erase(down.peer) == 1, "a peer that was not up went down");
    }
    void believe(Host& host, const federation::ParticipantChanged& changed) {
        if (changed.room != room) return;
        ck_assert_msg(believed_[&host].contains(changed.peer), "a participant of nobody");
        believed_[&host][changed.peer].insert(changed.participant.id);
    }
    void believe(Host& host, const federation::ParticipantGone& gone) {
        if (gone.room != room) return;
        ck_assert_msg(believed_[&host][gone.peer].erase(gone.id) == 1, "somebody unknown has gone");
    }
    void believe(Host& host, const federation::RoomDestroyed& destroyed) {
        if (destroyed.room == room) believed_[&host].clear();
    }
    template <class Other>
    void believe(Host& /*host*/, const Other& /*event*/) {}

    std::map<Host*, Ids> there_;
    std::map<Host*, std::map<dht::NodeId, Ids>> believed_;
};
