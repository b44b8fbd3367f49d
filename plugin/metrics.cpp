// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/metrics.h"

#include <charconv>

namespace plugin {

using federation::Reason;

namespace {

std::string number(double value) {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    return {text.data(), end};
}

/// As the format wants a label's value.
std::string escaped(const std::string& value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        if (c == '\n')
            text += "\\n";
        else
            text += c;
    }
    return text;
}

std::string word_of(Reason reason) {
    return std::string{federation::word(reason)};
}

}  // namespace

void Exposition::family(const char* name, const char* type, const char* help) {
    name_ = name;
    text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
}

void Exposition::sample(double value, const Labels& labels, const char* suffix) {
    text_ += name_ + suffix;
    const char* before = "{";
    for (const auto& [key, text] : labels) {
        text_ += before + std::string{key} + "=\"" + escaped(text) + '"';
        before = ",";
    }
    text_ += (labels.empty() ? " " : "} ") + number(value) + "\n";
}

void Metrics::call_rings(std::chrono::microseconds setup) {
    const double seconds = std::chrono::duration<double>(setup).count();
    for (std::size_t i = 0; i < buckets.size(); ++i)
        if (seconds <= buckets.at(i)) ++setups_.at(i);
    ++setups_in_all_;
    setup_seconds_ += seconds;
}

void Metrics::link_closed(Reason reason) {
    if (links_ > 0) --links_;
    if (reason != Reason::none) ++links_failed_[reason];
}

std::string Metrics::text(const Now& now) const {
    Exposition out;
    const auto gauge = [&](const char* name, const char* help, std::size_t value) {
        out.family(name, "gauge", help);
        out.sample(static_cast<double>(value));
    };
    out.family("viaduct_build_info", "gauge", "The version that runs.");
    out.sample(1, {{"version", now.version}});
    gauge("viaduct_sessions", "Handles that clients are attached to.", now.sessions);
    gauge("viaduct_users", "Users registered at this server.", now.users);
    gauge("viaduct_calls", "Calls that are up or being set up.", now.calls);
    gauge("viaduct_local_lanes", "Calls between two handles of this server that carry media.",
          now.local_lanes);
    gauge("viaduct_dht_contacts", "Verified nodes in the routing table.", now.contacts);
    gauge("viaduct_dht_records", "Records held for others.", now.records);
    gauge("viaduct_draining", "1 while the server takes in nobody new.", now.draining ? 1 : 0);
    write_rooms(out, now);
    out.family("viaduct_clock_ahead_seconds", "gauge",
               "By how much this server's clock is ahead of most others'; 0 within a minute.");
    out.sample(static_cast<double>(now.clock_ahead.count()));
    gauge("viaduct_clocks_wrong", "Nodes whose clocks differ from most others' by more than a minute.",
          now.clocks_wrong);
    write_calls(out);
    write_signalling(out);

    std::map<std::string, std::size_t> states = {{"connecting", 0}, {"up", 0}, {"lost", 0}};
    for (const auto& trunk : now.trunks) ++states[trunk.state];
    out.family("viaduct_trunks", "gauge", "Media connections to other servers.");
    for (const auto& [state, count] : states) out.sample(static_cast<double>(count), {{"state", state}});
    const auto each = [&](const char* name, const char* type, const char* help, auto value) {
        if (now.trunks.empty()) return;
        out.family(name, type, help);
        for (const auto& trunk : now.trunks)
            out.sample(static_cast<double>(value(trunk)), {{"peer", trunk.peer.hex()}});
    };
    using Trunk = const gst::TrunkStats&;
    each("viaduct_trunk_lanes", "gauge", "Calls in the trunk.", [](Trunk trunk) { return trunk.lanes; });
    each("viaduct_trunk_rtt_seconds", "gauge", "Round trip of the heartbeat, smoothed.",
         [](Trunk trunk) { return trunk.rtt_ms / 1000; });
    each("viaduct_trunk_packets_sent_total", "counter", "Packets of calls sent through the trunk.",
         [](Trunk trunk) { return trunk.packets_sent; });
    each("viaduct_trunk_packets_received_total", "counter", "Packets of calls received through the trunk.",
         [](Trunk trunk) { return trunk.packets_received; });
    each("viaduct_trunk_packets_unknown_total", "counter", "Packets for no call of ours, or malformed.",
         [](Trunk trunk) { return trunk.packets_unknown; });
    return out.text();
}

void Metrics::write_rooms(Exposition& out, const Now& now) {
    const auto pair = [&](const char* name, const char* help, const char* label,
                          std::array<std::pair<const char*, std::size_t>, 2> values) {
        out.family(name, "gauge", help);
        for (const auto& [which, count] : values) out.sample(static_cast<double>(count), {{label, which}});
    };
    const auto& rooms = now.rooms;
    pair("viaduct_rooms", "Rooms that are at this server.", "kind",
         {{{"local", rooms.local_rooms}, {"federated", rooms.federated_rooms}}});
    pair("viaduct_room_members", "Who is in them, by where.", "where",
         {{{"here", rooms.members_here}, {"elsewhere", rooms.members_elsewhere}}});
    pair("viaduct_room_feeds", "Who publishes in them, by where.", "where",
         {{{"here", rooms.feeds_here}, {"elsewhere", rooms.feeds_elsewhere}}});
    out.family("viaduct_room_subscribers", "gauge", "Handles of this server that watch rooms.");
    out.sample(static_cast<double>(rooms.subscribers));
    pair("viaduct_room_feed_crossings", "Feeds that cross between this server and others.", "direction",
         {{{"in", now.feeds_in}, {"out", now.feeds_out}}});
}

void Metrics::write_calls(Exposition& out) const {
    out.family("viaduct_registrations_total", "counter", "Names that were asked for, by what became of it.");
    out.sample(static_cast<double>(registered_), {{"result", "registered"}});
    for (const auto& [reason, count] : refused_)
        out.sample(static_cast<double>(count), {{"result", word_of(reason)}});

    out.family("viaduct_calls_total", "counter", "Calls that have ended, by the reason.");
    for (const auto& [key, count] : ended_)
        out.sample(static_cast<double>(count),
                   {{"direction", key.first ? "outgoing" : "incoming"}, {"reason", word_of(key.second)}});

    out.family("viaduct_direct_calls_total", "counter",
               "Accepted direct calls made here, by whether the browsers connected.");
    for (const auto& [result, count] : direct_) out.sample(static_cast<double>(count), {{"result", result}});

    out.family("viaduct_call_setup_seconds", "histogram",
               "From a client's call until the callee's phone rings.");
    for (std::size_t i = 0; i < buckets.size(); ++i)
        out.sample(static_cast<double>(setups_.at(i)), {{"le", number(buckets.at(i))}}, "_bucket");
    out.sample(static_cast<double>(setups_in_all_), {{"le", "+Inf"}}, "_bucket");
    out.sample(setup_seconds_, {}, "_sum");
    out.sample(static_cast<double>(setups_in_all_), {}, "_count");
}

void Metrics::write_signalling(Exposition& out) const {
    const auto by_reason = [&](const char* name, const char* help, const ByReason& counts) {
        out.family(name, "counter", help);
        for (const auto& [reason, count] : counts)
            out.sample(static_cast<double>(count), {{"reason", word_of(reason)}});
    };
    out.family("viaduct_signalling_links", "gauge", "Signalling connections to other servers.");
    out.sample(static_cast<double>(links_));
    out.family("viaduct_signalling_links_opened_total", "counter", "Signalling connections that came up.");
    out.sample(static_cast<double>(links_opened_));
    by_reason("viaduct_signalling_links_lost_total", "Signalling connections that broke, by the reason.",
              links_failed_);
    out.family("viaduct_trunks_up_total", "counter", "Times that a trunk came up, or up again.");
    out.sample(static_cast<double>(trunks_up_));
    by_reason("viaduct_trunks_failed_total", "Trunks that could not be made, by the reason.", trunks_failed_);
}

}  // namespace plugin
