// SPDX-License-Identifier: LGPL-2.1-or-later
#include <glib-unix.h>
#include <jansson.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "federation/json.h"
#include "tools/member.h"
#include "tools/options.h"

namespace tools {

namespace {

/// What joining takes at the most on a bad network, and a lookup too.
constexpr std::chrono::seconds patience{5};

dht::Identity new_identity() {
    dht::Identity::Seed seed;
    dht::SystemRandom{}.fill(seed);
    return dht::Identity{seed};
}

/// Runs the main thread's context until the user has had enough.
void wait_for_signal() {
    const glib::Ptr<GMainLoop> main_loop{g_main_loop_new(nullptr, FALSE)};
    const auto quit = [](gpointer loop) -> gboolean {
        g_main_loop_quit(static_cast<GMainLoop*>(loop));
        return G_SOURCE_CONTINUE;
    };
    g_unix_signal_add(SIGINT, quit, main_loop.get());
    g_unix_signal_add(SIGTERM, quit, main_loop.get());
    g_main_loop_run(main_loop.get());
}

void print_found(const Options& options, const federation::UserFound& found, std::chrono::milliseconds took) {
    const std::string server = found.server ? found.server->hex() : "";
    if (options.json) {
        const federation::Json json{json_pack(
            "{ss# ss* sI}", "user", found.user.data(), static_cast<int>(found.user.size()), "server",
            found.server ? server.c_str() : nullptr, "ms", static_cast<json_int_t>(took.count()))};
        json_dumpf(json.get(), stdout, JSON_COMPACT);
        std::printf("\n");
    } else if (found.server) {
        std::printf("%s is at %s (%lld ms)\n", found.user.c_str(), server.c_str(),
                    static_cast<long long>(took.count()));
    } else {
        std::printf("%s is at no server of federation '%s'\n", found.user.c_str(),
                    options.federation.c_str());
    }
}

}  // namespace

dht::Endpoint parse_endpoint(const std::string& option, const std::string& text) {
    const auto endpoint = dht::Endpoint::parse(text);
    if (!endpoint)
        throw std::runtime_error{
            option + " \"" + text +
            "\" is not valid: ADDRESS:PORT such as 192.0.2.1:7773 or [2001:db8::1]:7773 is "
            "accepted (no host names)"};
    return *endpoint;
}

int run_node(const Options& options) {
    const dht::Identity identity = glib::load_identity(options.identity_file);
    Member member{
        options,
        identity,
        {parse_endpoint("--listen", options.listen), parse_endpoint("--signalling", options.signalling)}};
    std::printf("node %s of federation '%s'\nothers bootstrap from %s\n", identity.node_id().hex().c_str(),
                options.federation.c_str(), member.dht_endpoint().to_string().c_str());
    std::fflush(stdout);
    wait_for_signal();
    return exit_ok;
}

int show_id(const Options& options) {
    std::printf("%s\n", glib::load_identity(options.identity_file).node_id().hex().c_str());
    return exit_ok;
}

int lookup_user(const Options& options, const std::string& user) {
    glib::Listen any_port{parse_endpoint("--listen", "0.0.0.0:1"),
                          parse_endpoint("--signalling", "127.0.0.1:1")};
    any_port.dht.port = any_port.signalling.port = 0;
    Member member{options, new_identity(), any_port};
    if (!member.wait_for<federation::NodeJoined>(patience))
        throw std::runtime_error{"no node answers at " + options.bootstrap.front() +
                                 ": is it running, is the federation's name the same, does UDP get through?"};
    const auto began = std::chrono::steady_clock::now();
    member.change([&](auto& server, auto now) { server.lookup(user, now); });
    const auto found = member.wait_for<federation::UserFound>(patience);
    if (!found) throw std::runtime_error{"the lookup did not end in time"};
    print_found(
        options, *found,
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began));
    return found->server ? exit_ok : exit_not_found;
}

}  // namespace tools
