// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>

#include "tools/asker.h"
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/options.h"

namespace tools {

namespace {

using Outcome = dht::Prober::Outcome;
using Micros = std::chrono::microseconds;
using Pinger = Driver<dht::Prober>;

struct Settings {
    Options options;
    std::string address;
    unsigned count = 3;
    double interval_seconds = 1;
    double wait_seconds = 2;
};

/// What came of all pings so far.
struct Tally {
    unsigned sent = 0;
    unsigned answered = 0;
    unsigned foreign = 0;
    Micros least = Micros::max();
    Micros most{0};
    Micros sum{0};
    std::string id;

    void count(const dht::Prober::Answer& answer) {
        foreign += answer.outcome == Outcome::foreign || answer.outcome == Outcome::refused ? 1 : 0;
        if (answer.outcome != Outcome::answered) return;
        ++answered;
        id = answer.id.hex();
        least = std::min(least, answer.round_trip);
        most = std::max(most, answer.round_trip);
        sum += answer.round_trip;
    }
    [[nodiscard]] Micros mean() const { return answered == 0 ? Micros{0} : sum / answered; }
};

Micros micros(double seconds) {
    return Micros{static_cast<Micros::rep>(seconds * 1e6)};
}

void print_line(const dht::Prober::Answer& answer, const Settings& settings) {
    const auto from = answer.from.to_string();
    const auto number = static_cast<unsigned long long>(answer.question);
    switch (answer.outcome) {
        case Outcome::answered:
            std::printf("%s at %s: seq=%llu time=%s\n", answer.id.hex().c_str(), from.c_str(), number,
                        in_words(answer.round_trip).c_str());
            break;
        case Outcome::foreign:
            std::printf("%s: seq=%llu a DHT node, but none that proves a key of federation '%s'\n",
                        from.c_str(), number, settings.options.federation.c_str());
            break;
        case Outcome::refused:
            std::printf("%s: seq=%llu refused\n", from.c_str(), number);
            break;
        case Outcome::silent:
            std::printf("%s: seq=%llu no answer\n", from.c_str(), number);
            break;
    }
    std::fflush(stdout);
}

void print_tally(const Tally& tally, const Settings& settings) {
    const bool any = tally.answered > 0;
    print_json(
        Json{json_pack("{ss ss? si si si so* so* so*}", "endpoint", settings.address.c_str(), "id",
                       any ? tally.id.c_str() : nullptr, "sent", static_cast<int>(tally.sent), "answered",
                       static_cast<int>(tally.answered), "foreign", static_cast<int>(tally.foreign), "ms_min",
                       any ? json_of(tally.least).release() : nullptr, "ms_mean",
                       any ? json_of(tally.mean()).release() : nullptr, "ms_max",
                       any ? json_of(tally.most).release() : nullptr)});
}

void print_summary(const Tally& tally, const Settings& settings) {
    std::printf("--- %s: %u sent, %u answered", settings.address.c_str(), tally.sent, tally.answered);
    if (tally.answered > 0) {
        std::printf("; least/mean/most %s / %s / %s", in_words(tally.least).c_str(),
                    in_words(tally.mean()).c_str(), in_words(tally.most).c_str());
    }
    std::printf("\n");
}

/// One by one, each a moment after the one before was sent; the answers come in between.
Tally ping_all(Pinger& pinger, const dht::Endpoint& endpoint, const Settings& settings) {
    const auto interval = micros(settings.interval_seconds);
    const bool for_ever = settings.count == 0;
    Tally tally;
    unsigned settled = 0;
    auto next_at = Pinger::Clock::now();
    while (!pinger.interrupted() && (for_ever || settled < settings.count)) {
        const bool more = for_ever || tally.sent < settings.count;
        if (more && Pinger::Clock::now() >= next_at) {
            pinger.change([&](auto& prober, auto now) { prober.ping(endpoint, now); });
            ++tally.sent;
            next_at += interval;
            continue;
        }
        // Nobody is waited for longer than the prober has patience with.
        const auto answer = pinger.next(more ? next_at : Pinger::Clock::now() + lookup_patience);
        if (!answer) continue;
        ++settled;
        tally.count(*answer);
        if (!settings.options.json) print_line(*answer, settings);
    }
    return tally;
}

int ping(const Settings& settings) {
    const auto endpoint = parse_endpoint("ADDRESS:PORT", settings.address);
    const dht::Prober::Limits limits{.patience = micros(settings.wait_seconds), .attempts = 1};
    Pinger pinger{!endpoint.is_v4(), new_identity(),
                  dht::Members{parse_federation(settings.options.federation).text()}, limits};
    pinger.mind_interrupts();
    const auto tally = ping_all(pinger, endpoint, settings);
    (settings.options.json ? print_tally : print_summary)(tally, settings);
    return tally.answered > 0 ? exit_ok : exit_not_found;
}

}  // namespace

void add_ping_command(CLI::App& app, Run& run) {
    const auto settings = std::make_shared<Settings>();
    auto* ping_command = app.add_subcommand("ping", "See whether a node is at an address, who, and how far");
    ping_command->add_option("address", settings->address, "ADDRESS:PORT of its DHT")->required();
    ping_command->add_option("-c,--count", settings->count, "Pings to send; 0: until Ctrl-C")
        ->capture_default_str();
    ping_command->add_option("-i,--interval", settings->interval_seconds, "Seconds between them")
        ->check(CLI::Range(0.01, 3600.0))
        ->capture_default_str();
    ping_command->add_option("-W,--wait", settings->wait_seconds, "Seconds to wait for each answer")
        ->check(CLI::Range(0.01, 5.0))
        ->capture_default_str();
    add_federation(*ping_command, settings->options);
    add_json(*ping_command, settings->options);
    ping_command->callback([settings, &run] { run = [settings] { return ping(*settings); }; });
}

}  // namespace tools
