// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/saved_contacts.h"

#include <algorithm>

namespace federation {

namespace {

constexpr std::string_view title = "viaduct contacts 1";

/// The text up to the next end of line, taken off; nothing if the line has no end.
std::optional<std::string_view> take_line(std::string_view& text) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    return line;
}

std::optional<dht::Contact> parse_line(std::string_view line) {
    const auto space = line.find(' ');
    if (space == std::string_view::npos) return {};
    const auto id = dht::NodeId::from_hex(line.substr(0, space));
    const auto endpoint = dht::Endpoint::parse(line.substr(space + 1));
    if (!id || !endpoint) return {};
    return dht::Contact{*id, *endpoint};
}

}  // namespace

std::string encode_contacts(const std::vector<dht::Contact>& contacts) {
    std::string out{title};
    out += '\n';
    const auto count = std::min(contacts.size(), saved_contacts_max);
    for (std::size_t i = 0; i < count; ++i) {
        const auto& contact = contacts[i * contacts.size() / count];
        out += contact.id.hex() + ' ' + contact.endpoint.to_string() + '\n';
    }
    return out;
}

std::optional<std::vector<dht::Contact>> decode_contacts(std::string_view text) {
    if (text.size() > saved_contacts_bytes_max || take_line(text) != title) return {};
    std::vector<dht::Contact> out;
    while (!text.empty()) {
        const auto line = take_line(text);
        const auto contact = line ? parse_line(*line) : std::nullopt;
        if (!contact || out.size() >= saved_contacts_max) return {};
        out.push_back(*contact);
    }
    return out;
}

}  // namespace federation
