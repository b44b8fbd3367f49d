// SPDX-License-Identifier: LGPL-2.1-or-later
// How many queries a second of the processor is enough for: us, others, and what the kernel alone takes.
// Prints a line of JSON for each run of each round.
#include <sodium.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/crowd.h"
#include "bench/load.h"
#include "bench/process.h"
#include "bench/queries.h"
#include "bench/servers.h"

namespace {

using bench::Child;
using bench::Client;
using bench::Measured;

constexpr std::uint16_t viaduct_port = 17'301;
constexpr std::uint16_t echo_port = 17'302;
constexpr std::uint16_t libtorrent_port = 17'303;
constexpr std::uint16_t opendht_port = 17'310;

constexpr std::size_t contacts = 1000;
constexpr std::size_t opendht_nodes = 48;
constexpr std::size_t values = 1000;
constexpr std::size_t targets = 4096;
/// A server signs nothing itself here; a second of its time is enough for some 20,000 of these.
constexpr std::size_t writes_per_round = 8000;

using Queries = std::vector<std::string>;

void print(const char* server, const char* work, const Measured& m) {
    std::printf(
        "{\"server\":\"%s\",\"work\":\"%s\",\"good\":%zu,\"bad\":%zu,\"lost\":%zu,\"wall\":%.4f,"
        "\"cpu\":%.6f,\"query_bytes\":%zu,\"reply_bytes\":%zu}\n",
        server, work, m.good, m.bad, m.lost, m.wall, m.cpu, m.query_bytes, m.reply_bytes);
    std::fflush(stdout);
}

template <class Make>
Queries make(std::size_t count, Make each) {
    Queries out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(each(i));
    return out;
}

/// Verifications alone, of messages as long as what a record's signature covers.
void verify_for(double seconds) {
    dht::SeededRandom random{3};
    dht::Identity::Seed seed{};
    random.fill(seed);
    const dht::Identity identity{seed};
    const std::string message(230, 'm');
    const auto signature = identity.sign(message);
    Measured out;
    const auto begun = bench::wall_seconds();
    const auto cpu = bench::cpu_seconds(getpid());
    while (bench::wall_seconds() - begun < seconds) {
        for (int i = 0; i < 100; ++i)
            out.good += dht::verify(identity.public_key(), message, signature) ? 1 : 0;
    }
    out.wall = bench::wall_seconds() - begun;
    out.cpu = bench::cpu_seconds(getpid()) - cpu;
    print("libsodium", "verify", out);
}

/// One of those who are asked, and what it is asked.
class Bench {
public:
    Bench(double seconds, dht::Random& random) : seconds_(seconds), self_(random.node_id()) {
        dht::Identity::Seed seed{};
        random.fill(seed);
        publisher_ = std::make_unique<dht::Identity>(seed);
        for (std::size_t i = 0; i < targets; ++i) targets_.push_back(random.node_id());
        for (std::size_t i = 0; i < values; ++i) {
            random.fill(seed);
            owners_.emplace_back(seed);
        }
    }

    void viaduct(Client& client, Client& echo) {
        const auto run = [&](const char* work, const Queries& queries, std::string_view expected) {
            const auto m = client.load(queries, seconds_, expected);
            print("viaduct", work, m);
            ceiling(echo, work, m);
        };
        run("find_node", make(targets, [&](auto i) { return bench::find_node(self_, targets_[i], false); }),
            "5:nodes");
        run("find_node, padded",
            make(targets, [&](auto i) { return bench::find_node(self_, targets_[i], true); }), "5:nodes");
        const auto finds = make(values, [&](auto i) { return bench::find_value(self_, bench::user_key(i)); });
        const auto tokens = tokens_for(client, finds);
        const auto stores = make(writes_per_round, [&](auto i) {
            const auto name = i % values;
            return bench::store(self_, tokens[name], bench::user_record(*publisher_, name, ++seq_));
        });
        print("viaduct", "store", client.each_once(stores, "1:y1:re"));
        run("find_value", finds, bench::value_mark);
        items(client, &echo, "viaduct");
    }

    void libtorrent(Client& client) {
        const auto queries =
            make(targets, [&](auto i) { return bench::find_node(self_, targets_[i], false); });
        print("libtorrent", "find_node", client.load(queries, seconds_, "5:nodes"));
        items(client, nullptr, "libtorrent");
    }

    void opendht(Client& client) {
        const auto finds = make(targets, [&](auto i) { return bench::opendht_find(self_, targets_[i]); });
        print("OpenDHT", "find_node", client.load(finds, seconds_, "\xa1r"));
        const auto gets = make(targets, [&](auto i) { return bench::opendht_get(self_, targets_[i]); });
        print("OpenDHT", "get miss", client.load(gets, seconds_, "\xa1r"));
    }

private:
    /// BEP 44's items: the same load for whoever serves them.
    void items(Client& client, Client* echo, const char* name) {
        const auto target = [&](std::size_t i) { return dht::sha1(dht::text(owners_[i].public_key())); };
        const auto gets = make(values, [&](auto i) { return bench::get(self_, target(i)); });
        const auto tokens = tokens_for(client, gets);
        const auto puts = make(writes_per_round, [&](auto i) {
            const auto owner = i % values;
            return bench::put(self_, tokens[owner], owners_[owner], ++item_seq_, bench::item_value(owner));
        });
        print(name, "put", client.each_once(puts, "1:y1:re"));
        const auto m = client.load(gets, seconds_, bench::value_mark);
        print(name, "get", m);
        if (echo != nullptr) ceiling(*echo, "get", m);
    }

    static Queries tokens_for(Client& client, const Queries& queries) {
        return make(queries.size(), [&](auto i) {
            const auto reply = client.ask(queries[i]);
            return bench::token_in(reply.value_or(""));
        });
    }

    void ceiling(Client& echo, const char* work, const Measured& of) const {
        std::string query(of.query_bytes, 'e');
        query[0] = static_cast<char>(of.reply_bytes >> 8U);
        query[1] = static_cast<char>(of.reply_bytes & 0xffU);
        print("echo", work, echo.load({query}, seconds_, "e"));
    }

    double seconds_;
    dht::NodeId self_;
    std::unique_ptr<dht::Identity> publisher_;
    std::vector<dht::NodeId> targets_;
    std::vector<dht::Identity> owners_;
    std::uint64_t seq_ = 0;
    std::int64_t item_seq_ = 0;
};

[[noreturn]] void become(const std::string& program, const std::vector<std::string>& arguments) {
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(program.c_str(), argv.data());
    throw std::runtime_error{"cannot run " + program};
}

void measure(int rounds, double seconds, const std::filesystem::path& folder) {
    const Child viaduct{bench::server_cpu, [] { bench::serve_viaduct(viaduct_port); }};
    const Child echo{bench::server_cpu, [] { bench::serve_echo(echo_port); }};
#ifdef WITH_LIBTORRENT
    const Child libtorrent{bench::server_cpu, [] { bench::serve_libtorrent(libtorrent_port, contacts); }};
#endif
    const auto opendht_program = folder / "dht-opendht";
    const bool has_opendht = exists(opendht_program);
    const Child opendht{bench::server_cpu, [&] {
                            if (has_opendht) become(opendht_program, {"serve", std::to_string(opendht_port)});
                        }};
    usleep(1'000'000);  // until all of them listen
    const Child crowd{bench::client_cpu, [&] { bench::be_crowd(contacts, viaduct_port); }};
    const Child network{bench::client_cpu, [&] {
                            if (has_opendht)
                                become(opendht_program, {"surround", std::to_string(opendht_port),
                                                         std::to_string(opendht_nodes)});
                        }};
    bench::pin_to(bench::client_cpu);
    usleep(8'000'000);  // until tables are full and nobody is busy with that any more

    dht::SeededRandom random{29};
    Bench bench{seconds, random};
    Client to_viaduct{{viaduct_port, viaduct.pid()}};
    Client to_echo{{echo_port, echo.pid()}};
    Client to_libtorrent{{libtorrent_port, libtorrent.pid()}};
    Client to_opendht{{opendht_port, opendht.pid()}};
    for (int round = 0; round < rounds; ++round) {
        bench.viaduct(to_viaduct, to_echo);
#ifdef WITH_LIBTORRENT
        bench.libtorrent(to_libtorrent);
#endif
        if (has_opendht) bench.opendht(to_opendht);
        Child verifying{bench::server_cpu, [&] { verify_for(seconds); }};
        verifying.wait();
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || sodium_init() < 0) {
        std::fprintf(stderr, "usage: dht-serve ROUNDS MILLISECONDS\n");
        return 2;
    }
    try {
        measure(std::atoi(argv[1]), std::atoi(argv[2]) / 1000.0,
                std::filesystem::canonical("/proc/self/exe").parent_path());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "dht-serve: %s\n", error.what());
        return 1;
    }
    return 0;
}
