// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstdio>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "tests/check.h"
#include "tests/sim/nodes.h"

using namespace std::chrono_literals;
using sim::HostId;
using sim::Nodes;

namespace {

// 64 nodes: those that stay publish and ask; of the others seven at a time are killed and replaced, all of
// them within 24 seconds, and nothing is published anew meanwhile.
constexpr std::size_t stable = 8, together = 7, groups = 8, values = 200;
constexpr auto between_kills = 3s;
constexpr auto between_gets = 50ms;
constexpr auto churns_for = 54s;  // records are renewed a minute after they were published

std::string name(std::size_t value) {
    return "user" + std::to_string(value);
}

struct Churning : Nodes {
    explicit Churning(sim::Conditions conditions) : Nodes(stable, conditions, 4711) {
        network.run_for(1s);
        for (std::size_t i = 0; i < groups; ++i) come();
        network.run_for(10s);
    }

    void come() {
        auto& group = living.emplace_back();
        for (std::size_t i = 0; i < together; ++i) {
            const auto id = network.size();
            network.add(std::make_unique<sim::NodeHost>(seed + id, dht::NodeConfig{}));
            at(id).node.bootstrap({sim::Network::endpoint(0)}, network.now());
            network.touched(id);
            group.push_back(id);
        }
    }

    void replace() {
        for (const auto id : living.front()) network.kill(id);
        living.pop_front();
        come();
    }

    void churn() {
        auto next_kill = 0ms;
        std::size_t number = 0;
        for (auto passed = 0ms; passed < churns_for; passed += between_gets, ++number) {
            if (passed >= next_kill) {
                next_kill += between_kills;
                replace();
            }
            const auto value = number % values;
            const HostId asker =
                (value + 1 + number / values % (stable - 1)) % stable;  // never the publisher
            lookups.emplace_back(asker, start_find(asker, sim::user(name(value))));
            network.run_for(between_gets);
        }
        network.run_for(10s);
    }

    std::size_t missed() {
        std::size_t out = 0;
        for (const auto& [id, lookup] : lookups) {
            const auto* const found = at(id).values(lookup);
            ck_assert_msg(found != nullptr, "a lookup never ended; VIADUCT_SEED=%lu", seed);
            out += found->records.empty() ? 1 : 0;
        }
        std::printf("%zu of %zu lookups found nothing; %lu datagrams\n", out, lookups.size(),
                    network.datagrams());
        return out;
    }

    std::deque<std::vector<HostId>> living;
    std::vector<std::pair<HostId, dht::LookupId>> lookups;
};

}  // namespace

START_TEST(records_outlive_nine_in_ten_of_their_holders) {
    for (const auto& conditions : {sim::Conditions{100us, 1ms}, sim::Conditions{5ms, 50ms}}) {
        Churning nodes{conditions};
        for (std::size_t value = 0; value < values; ++value)
            nodes.publish(value % stable, name(value), "here");
        nodes.network.run_for(2s);
        nodes.churn();
        const auto missed = nodes.missed();
        ck_assert_msg(missed == 0, "%zu missed; VIADUCT_SEED=%lu", missed, nodes.seed);
    }
}
END_TEST

int main() {
    return run_suite("quick_churn", {records_outlive_nine_in_ten_of_their_holders}, 120);
}
