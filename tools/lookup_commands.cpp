// SPDX-License-Identifier: LGPL-2.1-or-later
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "tools/asker.h"
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/member.h"
#include "tools/options.h"

namespace tools {

namespace {

using Clock = std::chrono::steady_clock;

std::chrono::microseconds since(Clock::time_point began) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began);
}

void print_found(const Options& options, const federation::UserFound& found, std::chrono::milliseconds took) {
    const std::string server = found.server ? found.server->hex() : "";
    if (options.json) {
        print_json(Json{json_pack("{so ss? sI}", "user", json_of(found.user).release(), "server",
                                  found.server ? server.c_str() : nullptr, "ms",
                                  static_cast<json_int_t>(took.count()))});
    } else if (found.server) {
        std::printf("%s is at %s (%lld ms)\n", found.user.c_str(), server.c_str(),
                    static_cast<long long>(took.count()));
    } else {
        std::printf("%s is at no server of federation '%s'\n", printable(found.user).c_str(),
                    options.federation.c_str());
    }
}

int lookup_user(const Options& options, const std::string& user) {
    const auto any_port = dht::Endpoint::v4({127, 0, 0, 1}, 0);
    const bool v6 = needs_v6(parse_endpoints("--bootstrap", options.bootstrap));
    Member member{options, self_of(options), {v6 ? dht::Endpoint{} : dht::Endpoint::v4({}, 0), any_port}};
    Progress progress{[&] { return "waiting for an answer from " + options.bootstrap.front(); }};
    if (!member.wait_for<federation::NodeJoined>(lookup_patience, &progress)) throw nobody_answers(options);
    const auto began = Clock::now();
    member.change([&](auto& server, auto now) { server.lookup(user, now); });
    const auto found = member.wait_for<federation::UserFound>(lookup_patience, &progress);
    if (!found) throw std::runtime_error{"the lookup did not end in time; try again"};
    print_found(options, *found, std::chrono::duration_cast<std::chrono::milliseconds>(since(began)));
    return found->server ? exit_ok : exit_not_found;
}

void as_json(const dht::NodeId& target, const dht::NodesFound& found, std::chrono::microseconds took) {
    Json contacts{json_array()};
    for (const auto& contact : found.closest) {
        json_array_append_new(contacts.get(), json_pack("{ss ss}", "id", contact.id.hex().c_str(), "endpoint",
                                                        contact.endpoint.to_string().c_str()));
    }
    print_json(Json{json_pack("{ss so si so}", "target", target.hex().c_str(), "contacts", contacts.release(),
                              "hops", found.hops, "ms", json_of(took).release())});
}

void as_text(const dht::NodeId& target, const dht::NodesFound& found, std::chrono::microseconds took) {
    std::printf("%zu closest to %s: %d %s, %s\n", found.closest.size(), target.hex().c_str(), found.hops,
                found.hops == 1 ? "hop" : "hops", in_words(took).c_str());
    for (const auto& contact : found.closest) {
        const auto shared = dht::shared_prefix(target, contact.id);
        std::printf("%s  %-22s  %s\n", contact.id.hex().c_str(), contact.endpoint.to_string().c_str(),
                    shared == dht::NodeId::bits
                        ? "itself"
                        : ("shares " + std::to_string(shared) + (shared == 1 ? " bit" : " bits")).c_str());
    }
}

int find_node(const Options& options, const std::string& hex) {
    const auto target = dht::NodeId::from_hex(hex);
    if (!target) throw UsageError{"NODEID \"" + hex + "\" is not valid: 40 hexadecimal digits are accepted"};
    const auto asker = join(options, self_of(options));
    const auto began = Clock::now();
    asker->change([&](auto& node, auto now) { node.find_node(*target, now); });
    Progress progress{[] { return std::string{"asking nodes nearer and nearer"}; }};
    const auto found = asker->wait_for<dht::NodesFound>(lookup_patience, &progress);
    if (!found) throw std::runtime_error{"the lookup did not end in time; try again"};
    (options.json ? as_json : as_text)(*target, *found, since(began));
    return found->closest.empty() ? exit_not_found : exit_ok;
}

}  // namespace

void add_lookup_commands(CLI::App& app, Run& run) {
    const auto options = std::make_shared<Options>();
    const auto user = std::make_shared<std::string>();
    auto* lookup = app.add_subcommand("lookup", "Find the server that a user is at");
    lookup->add_option("user", *user, "Name of the user")->required();
    add_required_bootstrap(*lookup, *options);
    add_membership(*lookup, *options);
    options->visits = true;
    add_json(*lookup, *options);
    lookup->callback([=, &run] { run = [=] { return lookup_user(*options, *user); }; });

    const auto target = std::make_shared<std::string>();
    auto* find = app.add_subcommand("find-node", "Find the nodes closest to a NodeID, or to a key");
    find->add_option("nodeid", *target, "40 hexadecimal digits")->required();
    add_required_bootstrap(*find, *options);
    add_membership(*find, *options);
    add_json(*find, *options);
    find->callback([=, &run] { run = [=] { return find_node(*options, *target); }; });
}

}  // namespace tools
