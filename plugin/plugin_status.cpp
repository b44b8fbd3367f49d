// SPDX-License-Identifier: GPL-3.0-or-later
/// What the plugin tells of itself to operators.
#include "plugin/plugin.h"

#include "dht/clocks.h"
#include "plugin/version.h"

namespace plugin {

namespace {

Json to_json(const gst::TrunkStats& trunk) {
    Json json{json_pack("{ss ss sI sI sf sI sI sI}", "peer", trunk.peer.hex().c_str(), "state",
                        trunk.state.c_str(), "connections", static_cast<json_int_t>(trunk.shards), "lanes",
                        static_cast<json_int_t>(trunk.lanes), "rtt-ms", trunk.rtt_ms, "packets-sent",
                        static_cast<json_int_t>(trunk.packets_sent), "packets-received",
                        static_cast<json_int_t>(trunk.packets_received), "packets-unknown",
                        static_cast<json_int_t>(trunk.packets_unknown))};
    const auto limit = [&](const char* key, std::uint64_t bits) {
        if (bits == gst::unlimited) return;
        json_object_set_new(json.get(), key, json_integer(static_cast<json_int_t>(bits)));
    };
    limit("carries-out", trunk.carries_out);
    limit("carries-in", trunk.carries_in);
    return json;
}

/// Only what is wrong with them is worth an operator's look.
void add_clocks(json_t* status, const dht::Clocks& clocks) {
    if (const auto ahead = clocks.own_ahead(); ahead != std::chrono::seconds{0})
        json_object_set_new(status, "clock-ahead", json_integer(ahead.count()));
    if (clocks.wrong().empty()) return;
    json_t* wrong = json_object();
    for (const auto& [node, ahead] : clocks.wrong())
        json_object_set_new(wrong, node.hex().c_str(), json_integer(ahead.count()));
    json_object_set_new(status, "clocks-wrong", wrong);
}

}  // namespace

std::string Plugin::metrics_text() {
    const auto& server = runner_->server();
    const auto& clocks = server.node().clocks();
    return metrics_.text({version, server.node().contacts().size(), server.node().records(),
                          session_count_.load(), server.users().size(), server.calls(), local_lanes_.size(),
                          trunks_->stats(), rooms_->population(), federated_rooms_->incoming(),
                          federated_rooms_->outgoing(), server.draining(), clocks.own_ahead(),
                          clocks.wrong().size()});
}

Json Plugin::query(const std::shared_ptr<Front>& front) {
    Json info = front->info();
    const char* server = json_string_value(json_object_get(info.get(), "server"));
    const auto peer = server ? dht::NodeId::from_hex(server) : std::nullopt;
    const std::lock_guard lock{mutex_};
    if (!loop_ || !peer) return info;
    loop_->run([&] {
        for (const auto& trunk : trunks_->stats())
            if (trunk.peer == *peer) json_object_set_new(info.get(), "trunk", to_json(trunk).release());
    });
    return info;
}

Json Plugin::status() {
    Json status{json_object()};
    const auto count = [&](const char* key, std::size_t number) {
        json_object_set_new(status.get(), key, json_integer(static_cast<json_int_t>(number)));
    };
    const std::lock_guard lock{mutex_};
    if (!loop_) return status;
    loop_->run([&] {
        const auto& server = runner_->server();
        json_object_set_new(status.get(), "node", json_string(id_.hex().c_str()));
        json_object_set_new(status.get(), "dht", json_string(runner_->dht_endpoint().to_string().c_str()));
        json_object_set_new(status.get(), "signalling",
                            json_string(runner_->signalling_endpoint().to_string().c_str()));
        count("contacts", server.node().contacts().size());
        count("records", server.node().records());
        count("sessions", fronts_.size());
        count("users", server.users().size());
        count("calls", server.calls());
        std::size_t lanes = local_lanes_.size();
        json_t* trunks = json_array();
        for (const auto& trunk : trunks_->stats()) {
            lanes += trunk.lanes;
            json_array_append_new(trunks, to_json(trunk).release());
        }
        count("lanes", lanes);
        json_object_set_new(status.get(), "trunks", trunks);
        json_object_set_new(status.get(), "draining", json_boolean(server.draining()));
        const auto population = rooms_->population();
        count("rooms", rooms_->size());
        count("members", population.members_here);
        count("subscribers", population.subscribers);
        count("feeds", federated_rooms_->incoming());
        json_object_set_new(status.get(), "streams", streams_->info().release());
        json_object_set_new(status.get(), "crossings", federated_rooms_->crossings().release());
        add_clocks(status.get(), server.node().clocks());
    });
    return status;
}

}  // namespace plugin
