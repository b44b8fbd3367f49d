// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "federation/room.h"
#include "tests/check.h"

/// One room as two servers have it, with nothing between them but the messages.
struct RoomSide {
    federation::Config config;
    dht::SeededRandom random;
    federation::RoomWorld world;
    std::optional<federation::Room> room;
    std::deque<federation::Message> mail;  ///< to the other
    std::vector<federation::Event> told;
    std::vector<dht::NodeId> reached;
    int uses = 0, looks = 0;

    RoomSide(const dht::NodeId& self, std::uint64_t seed)
        : random(seed), world{.self = self, .config = config, .random = random} {
        config.signalling = dht::Endpoint::v4({10, 0, 0, static_cast<std::uint8_t>(seed)}, 7773);
    }
    RoomSide(const RoomSide&) = delete;
    RoomSide& operator=(const RoomSide&) = delete;

    void take(federation::RoomOutput output) {
        for (auto& [peer, message] : output.send) mail.push_back(std::move(message));
        for (auto& event : output.tell) told.push_back(std::move(event));
        for (auto& [peer, at] : output.reach) reached.push_back(peer);
        for (auto& [peer, change] : output.use) uses += change;
        looks += int{output.look};
    }
    template <class Change>
    void change(Change change) {
        federation::RoomOutput output;
        change(*room, output);
        take(std::move(output));
    }
    /// The first event of this kind, which is taken out.
    template <class T>
    std::optional<T> event() {
        const auto found =
            std::ranges::find_if(told, [](const auto& e) { return std::holds_alternative<T>(e); });
        if (found == told.end()) return {};
        auto event = std::get<T>(*found);
        told.erase(found);
        return event;
    }
    template <class T>
    [[nodiscard]] bool sends() const {
        return std::ranges::any_of(mail, [](const auto& m) { return std::holds_alternative<T>(m); });
    }
    [[nodiscard]] federation::RoomListing listing() const {
        return {world.self, *room->listing(), room->policy()};
    }
};

struct RoomPair {
    dht::Now now{dht::Time{std::chrono::hours{1}}, dht::Date{std::chrono::seconds{1'700'000'000}}};
    // `b` has the greater id: it begins to prove a pin.
    RoomSide a{*dht::NodeId::from_hex(std::string(40, 'a')), 1};
    RoomSide b{*dht::NodeId::from_hex(std::string(40, 'b')), 2};

    static federation::OwnerToken token(std::uint8_t number = 7) {
        federation::OwnerToken token{};
        token.fill(number);
        return token;
    }
    static federation::RoomPolicy policy(std::optional<std::string> pin = {}, std::uint64_t created = 1000,
                                         std::uint8_t number = 7) {
        federation::RoomPolicy policy{
            .created = created, .version = created, .rules = {"{}", pin.has_value(), false}};
        federation::sign(policy, federation::Config{}.node.federation, "demo", token(number));
        return policy;
    }
    void pass(std::chrono::milliseconds time) {
        now.time += time;
        now.date += std::chrono::duration_cast<std::chrono::seconds>(time);
    }
    void make(RoomSide& side, std::optional<std::string> pin = {}, std::uint64_t created = 1000,
              std::uint8_t number = 7) {
        federation::RoomOutput output;
        side.room = federation::Room::made("demo", policy(pin, created, number), token(number), pin, {},
                                           false, side.world, now, output);
        side.take(std::move(output));
        found(side, {});
    }
    void enter(RoomSide& side, std::optional<std::string> pin = {}) {
        federation::RoomOutput output;
        side.room = federation::Room::entering("demo", std::move(pin), side.world, now, output);
        side.take(std::move(output));
    }
    void found(RoomSide& side, const std::vector<federation::RoomListing>& listings) {
        side.change([&](auto& room, auto& output) { room.found(&listings, now, output); });
    }
    void connect() {
        for (auto* side : {&a, &b}) {
            auto& other = side == &a ? b : a;
            side->world.up.insert(other.world.self);
            if (side->room) side->change([&](auto& room, auto& out) { room.up(other.world.self, now, out); });
        }
    }
    void cut() {
        a.mail.clear();
        b.mail.clear();
        for (auto* side : {&a, &b}) {
            auto& other = side == &a ? b : a;
            side->world.up.erase(other.world.self);
            side->change([&](auto& room, auto& output) {
                room.down(other.world.self, federation::Reason::server_unreachable, now, output);
            });
        }
    }
    /// Until nobody says anything more.
    void deliver() {
        while (!a.mail.empty() || !b.mail.empty()) {
            for (auto* from : {&a, &b}) {
                auto& to = from == &a ? b : a;
                const auto mail = std::exchange(from->mail, {});
                for (const auto& message : mail) hand(to, from->world.self, message);
            }
        }
    }
    void hand(RoomSide& to, const dht::NodeId& from, const federation::Message& message) {
        std::visit(
            [&](const auto& said) {
                to.change([&](auto& room, auto& output) {
                    if constexpr (requires { room.receive(from, said, now, output); })
                        room.receive(from, said, now, output);
                });
            },
            message);
    }
    /// Made at `a`, entered at `b`.
    void meet(std::optional<std::string> pin = {}) {
        make(a, pin);
        enter(b, pin);
        found(b, {a.listing()});
        connect();
        deliver();
    }
};
