// SPDX-License-Identifier: LGPL-2.1-or-later
// A fifth of the nodes work together against all others.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "dht/compact.h"
#include "dht/crypto.h"
#include "dht/message.h"
#include "dht/queue.h"
#include "tests/check.h"
#include "tests/sim/nodes.h"

using namespace std::chrono_literals;
using sim::Nodes;

namespace {

using Band = std::vector<dht::Contact>;

/// Holds its key and proves it, keeps nothing, and names those of its band that are nearest to whatever it
/// is asked for.
class Sybil final : public sim::Host {
public:
    Sybil(std::uint64_t seed, std::size_t k, Band& band, sim::HostId id)
        : identity_(identity(seed)), k_(k), band_(band) {
        band_.push_back({identity_.node_id(), sim::Network::endpoint(id)});
    }

    /// Whoever is asked by a stranger asks it who it is, and takes it into its table.
    void greet(const dht::Endpoint& honest) {
        const dht::Query query{
            .method = dht::Method::find_node, .id = identity_.node_id(), .target = identity_.node_id()};
        datagrams_.push_back({dht::encode("sybl", query), honest});
    }

    void receive(dht::BytesView payload, const dht::Endpoint& from, dht::Now) override {
        const auto message = dht::decode(dht::text(payload));
        const auto* query = message ? std::get_if<dht::Query>(&message->body) : nullptr;
        if (query == nullptr) return;
        dht::Reply reply{.id = identity_.node_id(), .token = "sybil"};
        if (!query->nonce.empty()) reply.proof = dht::prove(identity_, "public", query->nonce, query->id);
        const auto nodes = nearest(query->target);
        reply.with_nodes = query->method != dht::Method::ping;
        if (reply.with_nodes) reply.nodes = nodes;
        reply.with_records = query->method == dht::Method::find_value;
        datagrams_.push_back({dht::encode(message->transaction, reply), from});
    }
    void advance(dht::Now) override {}
    std::optional<dht::Datagram> poll_datagram() override {
        if (datagrams_.empty()) return std::nullopt;
        auto out = std::move(datagrams_.front());
        datagrams_.pop_front();
        return out;
    }
    [[nodiscard]] std::optional<dht::Time> deadline() const override { return std::nullopt; }

private:
    static dht::Identity identity(std::uint64_t seed) {
        dht::SeededRandom random{seed};
        dht::Identity::Seed out{};
        random.fill(out);
        return dht::Identity{out};
    }

    [[nodiscard]] dht::Bytes nearest(const dht::NodeId& target) const {
        Band sorted = band_;
        const auto count = static_cast<std::ptrdiff_t>(std::min(k_, sorted.size()));
        std::partial_sort(
            sorted.begin(), sorted.begin() + count, sorted.end(),
            [&](const dht::Contact& a, const dht::Contact& b) { return dht::closer(target, a.id, b.id); });
        dht::Bytes out;
        for (std::ptrdiff_t i = 0; i < count; ++i)
            dht::append_compact(out, sorted[static_cast<std::size_t>(i)]);
        return out;
    }

    dht::Identity identity_;
    std::size_t k_;
    Band& band_;
    dht::Queue<dht::Datagram> datagrams_;
};

}  // namespace

START_TEST(a_fifth_who_work_together_keep_hardly_a_record_from_its_reader) {
    // With few neighbours each, a network this small is as large as a real one: most steps can go wrong.
    constexpr std::size_t honest = 240;
    constexpr std::size_t sybils = 60;
    constexpr std::size_t records = 200;
    const dht::NodeConfig config{.k = 8};
    Band band;
    Nodes nodes{0};
    for (std::size_t i = 0; i < honest; ++i) {
        nodes.add(config);
        nodes.network.run_for(10ms);
    }
    for (std::size_t i = 0; i < sybils; ++i) {
        const auto id = nodes.network.size();
        nodes.network.add(std::make_unique<Sybil>(nodes.seed + id, config.k, band, id));
        for (sim::HostId each = 0; each < honest; ++each) {
            static_cast<Sybil&>(nodes.network.host(id)).greet(sim::Network::endpoint(each));
        }
        nodes.network.touched(id);
        nodes.network.run_for(100ms);
    }
    nodes.network.run_for(60s);
    for (std::size_t i = 0; i < records; ++i) {
        nodes.publish(i * 7 % honest, "user" + std::to_string(i), "here");
    }
    nodes.network.run_for(10s);

    std::size_t found = 0;
    std::size_t led_astray = 0;
    for (std::size_t i = 0; i < records; ++i) {
        const auto reader = (i * 11 + 3) % honest;
        const auto key = sim::user("user" + std::to_string(i));
        const auto lookup = nodes.start_find(reader, key);
        nodes.network.run_for(1s);
        const auto* values = nodes.at(reader).values(lookup);
        ck_assert_ptr_nonnull(values);
        found += values->records.size() == 1 ? 1 : 0;
        led_astray += values->paths > 1 ? 1 : 0;
    }
    std::printf("%zu of %zu found; %zu lookups took another path\n", found, records, led_astray);
    ck_assert_uint_ge(found, records - 1);
    ck_assert_uint_ge(led_astray, 1);
}
END_TEST

int main() {
    return run_suite("sybils", {a_fifth_who_work_together_keep_hardly_a_record_from_its_reader});
}
