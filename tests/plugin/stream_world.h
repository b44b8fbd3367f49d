// SPDX-License-Identifier: GPL-3.0-or-later
/// A server where streams are watched, and another that publishes them: their signalling is real, their lanes
/// lead nowhere.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <variant>

#include "plugin/streams.h"
#include "tests/federation/world.h"
#include "tests/plugin/fakes.h"

namespace tests {

class StreamWorld final : public plugin::Membership {
public:
    World world;
    World::Host* here = nullptr;
    World::Host* there = nullptr;
    plugin::Outbox outbox;
    std::map<federation::LaneId, std::weak_ptr<FakeLane>> lanes;
    bool lanes_full = false;
    plugin::Streams streams{*this, outbox};

    StreamWorld() {
        const auto all = world.federate(3);
        here = all[1];
        there = all[2];
        (*there)->offer_stream("cam", world.now());
        run();
    }

    void change(const std::function<void(federation::Server&, dht::Now)>& task) override {
        task(*here->server, world.now());
    }
    [[nodiscard]] const federation::Server& server() const override { return *here->server; }
    std::shared_ptr<gst::Lane> open_feed_lane(const dht::NodeId& /*peer*/, federation::LaneId lane,
                                              std::shared_ptr<gst::LaneReceiver> receiver) override {
        if (lanes_full) return nullptr;
        auto opened = std::make_shared<FakeLane>(std::move(receiver));
        lanes[lane] = opened;
        return opened;
    }
    void require_trunk(const dht::NodeId& /*peer*/) override {}
    void expect_trunks() override {}

    /// Time passes, and what the federation tells is heard.
    void run(dht::Duration duration = std::chrono::milliseconds{100}) {
        for (dht::Duration passed{}; passed < duration; passed += std::chrono::milliseconds{10}) {
            world.run(std::chrono::milliseconds{10});
            hear();
        }
    }
    void hear() {
        while (!here->events.empty()) {
            const auto event = std::move(here->events.front());
            here->events.pop_front();
            std::visit([this](const auto& told) { streams.on(told); }, event);
        }
    }
    /// The publisher takes whoever asked last.
    federation::SubscriptionId accept(const std::string& about) {
        const auto wanted = world.wait<federation::FeedWanted>(*there, std::chrono::seconds{1});
        if (!wanted) return {};
        (*there)->accept_subscription(wanted->subscription, about, world.now());
        run();
        return wanted->subscription;
    }
    [[nodiscard]] gst::FeedUri uri(const std::string& stream = "cam") const {
        return {here ? std::optional{(*there)->id()} : std::nullopt, {}, stream, {}, {}};
    }
    [[nodiscard]] std::size_t open_lanes() const {
        std::size_t open = 0;
        for (const auto& [number, lane] : lanes) open += lane.expired() ? 0 : 1;
        return open;
    }
};

const std::string picture_and_sound =
    R"({"streams":[{"type":"video","mindex":0,"codec":"vp8","pt":96},)"
    R"({"type":"audio","mindex":1,"codec":"opus","pt":97,"clock":48000,"channels":2}]})";
const std::string picture_alone = R"({"streams":[{"type":"video","mindex":0,"codec":"vp8","pt":100}]})";

}  // namespace tests
