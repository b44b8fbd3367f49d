// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "tests/check.h"
#include "tests/sim/nodes.h"

using namespace std::chrono_literals;
using sim::HostId;
using sim::Nodes;

namespace {

constexpr std::size_t records_count = 50;

std::string name(std::size_t record) {
    return "user" + std::to_string(record);
}

/// Every record is looked for from that many nodes at least, and over the run from all of them.
constexpr std::size_t askers_per_record = 12;

struct Large : Nodes {
    Large(std::size_t nodes, sim::Conditions conditions) : Nodes(0, conditions, 20260101), count(nodes) {
        for (std::size_t i = 0; i < count; ++i) {
            add();
            network.run_for(20ms);
        }
        network.run_for(1min);
    }

    void publish_all() {
        for (std::size_t record = 0; record < records_count; ++record) {
            publish(record * count / records_count, name(record), "here");
        }
        network.run_for(30s);
    }

    /// How many of all lookups found their record.
    double found(const char* when, const std::function<bool(HostId)>& asks = {}) {
        std::vector<std::pair<HostId, dht::LookupId>> lookups;
        std::size_t asker = 0;
        for (std::size_t record = 0; record < records_count; ++record) {
            if (!network.alive(record * count / records_count)) continue;
            for (std::size_t i = 0; i < askers_per_record; ++asker) {
                const HostId id = asker % network.size();
                if (!network.alive(id) || (asks && !asks(id))) continue;
                lookups.emplace_back(id, start_find(id, sim::user(name(record))));
                ++i;
            }
            network.run_for(100ms);
        }
        network.run_for(20s);
        return report(when, lookups);
    }

    double report(const char* when, const std::vector<std::pair<HostId, dht::LookupId>>& lookups) {
        std::size_t good = 0;
        int hops = 0;
        for (const auto& [id, lookup] : lookups) {
            const auto* values = at(id).values(lookup);
            ck_assert_msg(values != nullptr, "a lookup never ended; VIADUCT_SEED=%lu", seed);
            good += values->records.empty() ? 0 : 1;
            hops = std::max(hops, values->hops);
        }
        std::printf("%s: %zu of %zu found, at most %d hops; %lu datagrams so far\n", when, good,
                    lookups.size(), hops, network.datagrams());
        std::fflush(stdout);
        return static_cast<double>(good) / static_cast<double>(lookups.size());
    }

    std::size_t count;
};

}  // namespace

START_TEST(every_record_is_found_from_everywhere) {
    Large nodes{300, {.duplication = 0.01}};
    nodes.publish_all();
    ck_assert_msg(nodes.found("calm") == 1, "VIADUCT_SEED=%lu", nodes.seed);

    for (HostId id = 0; id < nodes.count; id += 4) nodes.network.kill(id);
    ck_assert_msg(nodes.found("a quarter killed") == 1, "VIADUCT_SEED=%lu", nodes.seed);
}
END_TEST

START_TEST(every_record_is_found_through_loss_and_reordering) {
    Large nodes{200, {.latency_min = 2ms, .latency_max = 150ms, .loss = 0.05, .duplication = 0.02}};
    nodes.publish_all();
    ck_assert_msg(nodes.found("5 % loss") == 1, "VIADUCT_SEED=%lu", nodes.seed);
}
END_TEST

START_TEST(a_partitioned_network_finds_itself_again) {
    Large nodes{120, {}};
    nodes.publish_all();
    nodes.network.partition([](HostId id) { return static_cast<int>(id % 2); });
    nodes.network.run_for(5min);
    nodes.network.partition({});
    nodes.network.run_for(12min);
    ck_assert_msg(nodes.found("after a partition") == 1, "VIADUCT_SEED=%lu", nodes.seed);
}
END_TEST

namespace {

/// Of all that is in the tables of those who can be asked.
double share_of_unreachable(Nodes& nodes, const std::function<bool(HostId)>& behind_nat) {
    std::size_t all = 0;
    std::size_t unreachable = 0;
    for (HostId id = 0; id < nodes.network.size(); ++id) {
        if (behind_nat(id)) continue;
        for (const auto& contact : nodes.at(id).node.contacts()) {
            const auto& a = contact.endpoint.address;
            ++all;
            unreachable += behind_nat(static_cast<HostId>(a[14]) << 8 | a[15]) ? 1 : 0;
        }
    }
    return static_cast<double>(unreachable) / static_cast<double>(all);
}

}  // namespace

START_TEST(members_behind_nats_find_everything_and_are_found_out_when_asked) {
    Large nodes{150, {}};
    const auto behind_nat = [](HostId id) { return id % 4 == 3; };
    for (HostId id = 0; id < nodes.count; ++id) {
        if (behind_nat(id)) nodes.network.put_behind_nat(id);
    }
    nodes.publish_all();
    nodes.network.run_for(30min);
    const auto share = share_of_unreachable(nodes, behind_nat);
    std::printf("%.1f %% of the tables cannot be asked\n", 100 * share);
    ck_assert_msg(nodes.found("behind NATs too") == 1, "VIADUCT_SEED=%lu", nodes.seed);
    // A quarter of all nodes they are; who is asked in vain is found out, and handed on no more.
    ck_assert_msg(share < 0.2, "VIADUCT_SEED=%lu", nodes.seed);
}
END_TEST

START_TEST(records_outlive_steady_churn) {
    Large nodes{120, {}};
    nodes.publish_all();
    for (int minute = 0; minute < 5; ++minute) {
        for (int i = 0; i < 10; ++i) {
            const auto victim = nodes.network.random().below(nodes.network.size());
            // Publishers stay: what is tested is whether their records find new holders.
            if (victim % 2 != 0 || victim >= nodes.count) nodes.network.kill(victim);
            const auto newcomer = nodes.network.size();
            while (true) {  // a newcomer knows somebody who lives
                const auto known = nodes.network.random().below(newcomer);
                if (!nodes.network.alive(known)) continue;
                nodes.network.add(std::make_unique<sim::NodeHost>(nodes.seed + newcomer, dht::NodeConfig{}));
                nodes.at(newcomer).node.bootstrap({sim::Network::endpoint(known)}, nodes.network.now());
                nodes.network.touched(newcomer);
                break;
            }
            nodes.network.run_for(6s);
        }
    }
    ck_assert_msg(nodes.found("churn") >= 0.995, "VIADUCT_SEED=%lu", nodes.seed);
}
END_TEST

int main() {
    return run_suite(
        "large_network",
        {every_record_is_found_from_everywhere, every_record_is_found_through_loss_and_reordering,
         a_partitioned_network_finds_itself_again,
         members_behind_nats_find_everything_and_are_found_out_when_asked, records_outlive_steady_churn},
        180);
}
