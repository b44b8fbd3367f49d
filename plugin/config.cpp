// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/config.h"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <optional>
#include <string_view>

#include "dht/limits.h"
#include "federation/caps.h"

namespace plugin {

namespace {

/// One value on its way into the configuration; `refuse` says what would have been right.
struct Value {
    const char* section;
    const std::string& key;
    const std::string& text;

    [[noreturn]] void refuse(const std::string& accepted) const {
        throw ConfigError{section + ("." + key) + " = \"" + text + "\" is not valid: " + accepted +
                          " is accepted"};
    }

    [[nodiscard]] std::string words(std::size_t most) const {
        if (text.empty() || text.size() > most)
            refuse("a text of 1 to " + std::to_string(most) + " characters");
        return text;
    }

    [[nodiscard]] dht::FederationName federation() const {
        const auto name = dht::FederationName::parse(text);
        if (!name)
            refuse(
                "a name of 1 to 64 octets without @ or, of a closed federation, NAME@KEY as viaduct "
                "federation "
                "init showed it");
        return *name;
    }

    [[nodiscard]] dht::Endpoint endpoint() const {
        const auto parsed = dht::Endpoint::parse(text);
        if (!parsed) refuse("ADDRESS:PORT such as 0.0.0.0:7773 or [2001:db8::1]:7773 (no host names)");
        return *parsed;
    }

    [[nodiscard]] std::string address() const {
        const bool v6 = text.find(':') != std::string::npos;
        if (!dht::Endpoint::parse(v6 ? "[" + text + "]:1" : text + ":1"))
            refuse("an IP address such as 192.0.2.1 or 2001:db8::1");
        return text;
    }

    template <class Number>
    [[nodiscard]] Number number(Number least, Number most, const std::string& what = "a whole number") const {
        Number number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most)
            refuse(what + " from " + std::to_string(least) + " to " + std::to_string(most));
        return number;
    }

    [[nodiscard]] std::chrono::seconds seconds(int least, int most) const {
        return std::chrono::seconds{number(least, most, "a whole number of seconds")};
    }

    [[nodiscard]] bool yes() const {
        const auto is = [this](const char* word) { return strcasecmp(text.c_str(), word) == 0; };
        if (is("true") || is("yes") || is("1") || is("on")) return true;
        if (is("false") || is("no") || is("0") || is("off")) return false;
        refuse("true or false");
    }

    /// What stands between commas, without white space; nothing for an empty text.
    template <class Read>
    auto list(Read read) const {
        std::vector<decltype(read(*this))> items;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find(',', begin), text.size());
            std::string item = text.substr(begin, end - begin);
            begin = end + 1;
            item.erase(0, item.find_first_not_of(" \t"));
            item.erase(item.find_last_not_of(" \t") + 1);
            items.push_back(read(Value{section, key, item}));
        }
        return items;
    }
};

using Setter = std::function<void(Config&, const Value&)>;
using Setters = std::map<std::string, Setter>;

const Setters& general_setters() {
    static const Setters table = {
        {"identity_file", [](Config& c, const Value& v) { c.identity_file = v.words(4096); }},
        {"contacts_file",
         [](Config& c, const Value& v) {
             if (!v.text.empty()) c.contacts_file = v.words(4096);
         }},
        {"federation", [](Config& c, const Value& v) { c.federation = v.federation(); }},
        {"certificate_file",
         [](Config& c, const Value& v) {
             if (!v.text.empty()) c.certificate_file = v.words(4096);
         }},
        {"listen", [](Config& c, const Value& v) { c.listen = v.endpoint(); }},
        {"signalling", [](Config& c, const Value& v) { c.signalling = v.endpoint(); }},
        {"advertise",
         [](Config& c, const Value& v) {
             if (!v.text.empty()) c.advertise = v.address();
         }},
        {"bootstrap", [](Config& c, const Value& v) { c.bootstrap = v.list(std::mem_fn(&Value::endpoint)); }},
        {"trunk_addresses",
         [](Config& c, const Value& v) { c.trunk_addresses = v.list(std::mem_fn(&Value::address)); }},
        // Shorter, and the refreshing would be most of the traffic; longer, and a dead server's users haunt.
        {"record_lifetime", [](Config& c, const Value& v) { c.record_lifetime = v.seconds(10, 3600); }},
        {"ring_timeout", [](Config& c, const Value& v) { c.ring_timeout = v.seconds(1, 3600); }},
        {"direct_timeout", [](Config& c, const Value& v) { c.direct_timeout = v.seconds(1, 60); }},
        {"trunk_idle", [](Config& c, const Value& v) { c.trunk_idle = v.seconds(0, 86'400); }},
        {"recordings_folder",
         [](Config& c, const Value& v) {
             if (!v.text.empty()) c.recordings_folder = v.words(4096);
         }},
        {"metrics",
         [](Config& c, const Value& v) {
             if (!v.text.empty()) c.metrics = v.endpoint();
         }},
        {"events", [](Config& c, const Value& v) { c.events = v.yes(); }},
        {"admin_key",
         [](Config& c, const Value& v) {
             if (!v.text.empty()) c.rooms.admin_key = v.words(setting_bytes_max);
         }},
        {"lock_rtp_forward", [](Config& c, const Value& v) { c.rooms.lock_rtp_forward = v.yes(); }},
        {"string_ids", [](Config& c, const Value& v) { c.rooms.string_ids = v.yes(); }},
        {"clients",
         [](Config& c, const Value& v) {
             if (!v.text.empty()) c.clients = v.words(federation::clients_bytes_max);
         }},
    };
    return table;
}

Setters make_limit_setters() {
    Setters table{{"exempt_private", [](Config& c, const Value& v) { c.node.exempt_private = v.yes(); }},
                  {"members_max", [](Config& c, const Value& v) {
                       c.rooms.members_max = v.number<std::size_t>(1, 1'000'000);
                   }}};
    for (const auto& limit : dht::limits()) {
        table[limit.name] = [&limit](Config& c, const Value& v) {
            limit.set(c.node, v.number(limit.least, limit.most));
        };
    }
    for (const auto& limit : federation::caps()) {
        table[limit.name] = [&limit](Config& c, const Value& v) {
            limit.set(c.caps, v.number(limit.least, limit.most));
        };
    }
    return table;
}

const Setters& limit_setters() {
    static const Setters table = make_limit_setters();
    return table;
}

std::string keys_of(const Setters& setters) {
    std::string keys;
    for (const auto& [key, setter] : setters) keys += (keys.empty() ? "" : ", ") + key;
    return keys;
}

void read_section(Config& config, const char* section, const Setters& setters, const Setters& elsewhere,
                  const Section& values) {
    for (const auto& [key, text] : values) {
        const auto setter = setters.find(key);
        if (setter != setters.end()) {
            setter->second(config, Value{section, key, text});
            continue;
        }
        const bool misplaced = elsewhere.contains(key);
        throw ConfigError{section + ("." + key) + " = \"" + text + "\" is not valid: there is no such key" +
                          (misplaced ? " here but in the other section; " : "; ") + keys_of(setters) +
                          " are accepted"};
    }
}

}  // namespace

Config read_config(const Section& general, const Section& limits,
                   const std::map<std::string, Section>& rooms) {
    Config config;
    read_section(config, "general", general_setters(), limit_setters(), general);
    read_section(config, "limits", limit_setters(), general_setters(), limits);
    for (const auto& [name, section] : rooms) {
        if (name.empty() || name.size() > Id::text_max)
            throw ConfigError{"room-" + name + " is not valid: a name of 1 to 64 octets is accepted"};
        auto settings = settings_from(section);
        if (const auto* error = std::get_if<std::string>(&settings))
            throw ConfigError{"room-" + name + " is not valid: " + *error};
        config.rooms.rooms[name] = std::move(std::get<RoomSettings>(settings));
    }
    return config;
}

}  // namespace plugin
