// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "tools/asker.h"
#include "tools/commands.h"
#include "tools/crawl_svg.h"
#include "tools/crawler.h"
#include "tools/json.h"
#include "tools/options.h"

namespace tools {

namespace {

using Outcome = dht::Prober::Outcome;

struct Settings {
    Options options;
    std::vector<std::string> records;
    std::string svg_file;
    std::size_t addresses_max = Crawler::Limits{}.addresses_max;
    double time_max_seconds = 60;
};

std::vector<const Crawl::Node*> by_id(const Crawl& crawl) {
    std::vector<const Crawl::Node*> nodes;
    for (const auto& [endpoint, node] : crawl.nodes) nodes.push_back(&node);
    std::sort(nodes.begin(), nodes.end(),
              [](const auto* a, const auto* b) { return a->contact < b->contact; });
    return nodes;
}

std::size_t silent(const Crawl& crawl) {
    return static_cast<std::size_t>(
        std::count_if(crawl.others.begin(), crawl.others.end(),
                      [](const auto& other) { return other.second == Outcome::silent; }));
}

// ---- Text

void as_text(const Crawl& crawl, std::chrono::microseconds took) {
    std::printf("%-40s  %-22s  %9s  %5s  %s\n", "NODEID", "DHT", "ROUNDTRIP", "KNOWS",
                "SIGNALLING, SOFTWARE");
    for (const auto* node : by_id(crawl)) {
        const auto& descriptor = node->descriptor;
        std::printf(
            "%s  %-22s  %9s  %5zu  %s\n", node->contact.id.hex().c_str(),
            node->contact.endpoint.to_string().c_str(), in_words(node->round_trip).c_str(),
            node->knows.size(),
            descriptor ? (descriptor->signalling.to_string() + ", " + printable(descriptor->software)).c_str()
                       : "-");
    }
    for (const auto& record : crawl.records) {
        std::printf("record %s/%s, key %s: of %zu publisher%s, at %zu node%s\n", record.kind.c_str(),
                    record.name.c_str(), record.key.hex().c_str(), record.publishers.size(),
                    record.publishers.size() == 1 ? "" : "s", record.holders.size(),
                    record.holders.size() == 1 ? "" : "s");
        for (const auto& holder : record.holders) std::printf("  at %s\n", holder.hex().c_str());
    }
    std::printf("%zu nodes of federation '%s' in %s; %zu silent addresses, %zu of others%s\n",
                crawl.nodes.size(), crawl.federation.c_str(), in_words(took).c_str(), silent(crawl),
                crawl.others.size() - silent(crawl), crawl.complete ? "" : "; cut short by a limit");
}

// ---- JSON

Json node_json(const Crawl::Node& node) {
    const auto& d = node.descriptor;
    return Json{json_pack("{ss ss so sI ss* so*}", "id", node.contact.id.hex().c_str(), "endpoint",
                          node.contact.endpoint.to_string().c_str(), "ms", json_of(node.round_trip).release(),
                          "knows", static_cast<json_int_t>(node.knows.size()), "signalling",
                          d ? d->signalling.to_string().c_str() : nullptr, "software",
                          d ? json_of(d->software).release() : nullptr)};
}

Json ids_json(const std::set<dht::NodeId>& ids) {
    Json out{json_array()};
    for (const auto& id : ids) json_array_append_new(out.get(), json_string(id.hex().c_str()));
    return out;
}

void as_json(const Crawl& crawl, std::chrono::microseconds took) {
    Json nodes{json_array()};
    for (const auto* node : by_id(crawl)) json_array_append_new(nodes.get(), node_json(*node).release());
    Json silent_ones{json_array()};
    Json foreign{json_array()};
    for (const auto& [endpoint, outcome] : crawl.others) {
        json_array_append_new((outcome == Outcome::silent ? silent_ones : foreign).get(),
                              json_string(endpoint.to_string().c_str()));
    }
    Json records{json_array()};
    for (const auto& record : crawl.records) {
        json_array_append_new(
            records.get(),
            json_pack("{ss ss ss so so}", "kind", record.kind.c_str(), "name", record.name.c_str(), "key",
                      record.key.hex().c_str(), "publishers", ids_json(record.publishers).release(),
                      "holders", ids_json(record.holders).release()));
    }
    print_json(Json{json_pack("{ss sb so so so so so}", "federation", crawl.federation.c_str(), "complete",
                              crawl.complete ? 1 : 0, "ms", json_of(took).release(), "nodes", nodes.release(),
                              "silent", silent_ones.release(), "foreign", foreign.release(), "records",
                              records.release())});
}

// ---- The walk

void want(Crawler& crawler, const std::string& text) {
    const auto slash = text.find('/');
    if (slash == 0 || slash == std::string::npos || slash + 1 == text.size())
        throw UsageError{"--record \"" + text + "\" is not valid: KIND/NAME such as user/alice is accepted"};
    crawler.want(text.substr(0, slash), text.substr(slash + 1));
}

void walk(Crawler& crawler, const Settings& settings, bool v6) {
    using Walker = Driver<dht::Prober>;
    const auto self = self_of(settings.options);
    Walker walker{v6, self.identity, dht::Members{settings.options.federation, self.certificate},
                  dht::Prober::Limits{}};
    walker.mind_interrupts();
    const auto deadline =
        Walker::Clock::now() + std::chrono::milliseconds{static_cast<int>(settings.time_max_seconds * 1000)};
    Progress progress{[&] {
        return std::to_string(crawler.found().nodes.size()) + " nodes found, " +
               std::to_string(crawler.waiting()) + " questions open";
    }};
    for (;;) {
        walker.change([&](auto& prober, auto now) { crawler.step(prober, now); });
        if (crawler.finished()) return;
        const auto answer = walker.next(deadline, &progress);
        if (!answer || Walker::Clock::now() >= deadline) return crawler.cut_short();
        crawler.handle(*answer);
    }
}

void write_svg(const std::string& path, const Crawl& crawl) {
    std::ofstream file{path};
    file << svg_of(crawl);
    if (!file.flush())
        throw std::runtime_error{"--svg " + path + ": cannot be written; may this user write there?"};
}

int crawl(const Settings& settings) {
    const auto bootstrap = parse_endpoints("--bootstrap", settings.options.bootstrap);
    Crawler crawler{settings.options.federation, {.addresses_max = settings.addresses_max}};
    crawler.begin(bootstrap);
    for (const auto& text : settings.records) want(crawler, text);
    const auto began = std::chrono::steady_clock::now();
    walk(crawler, settings, needs_v6(bootstrap));
    const auto took =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
    const auto& found = crawler.found();
    if (found.nodes.empty()) throw nobody_answers(settings.options);
    if (!settings.svg_file.empty()) write_svg(settings.svg_file, found);
    (settings.options.json ? as_json : as_text)(found, took);
    return exit_ok;
}

}  // namespace

void add_crawl_command(CLI::App& app, Run& run) {
    const auto settings = std::make_shared<Settings>();
    auto* command = app.add_subcommand("crawl", "Walk through the federation and show every node");
    add_required_bootstrap(*command, settings->options);
    add_membership(*command, settings->options);
    command->add_option("-r,--record", settings->records,
                        "KIND/NAME of a record whose holders are to be shown; repeatable");
    command->add_option("--svg", settings->svg_file, "File for a picture of the NodeIDs as a ring");
    command->add_option("--max", settings->addresses_max, "Addresses to ask at the most")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    command->add_option("-t,--time", settings->time_max_seconds, "Seconds to take at the most")
        ->check(CLI::Range(0.1, 3600.0))
        ->capture_default_str();
    add_json(*command, settings->options);
    command->callback([settings, &run] { run = [settings] { return crawl(*settings); }; });
}

}  // namespace tools
