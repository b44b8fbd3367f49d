// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/node_settings.h"

#include <filesystem>
#include <optional>

namespace elements {

namespace {

using federation::Error;

/// ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT, with a port that may be 0 or missing.
std::optional<dht::Endpoint> parse_listen(const std::string& text) {
    if (auto endpoint = dht::Endpoint::parse(text)) return endpoint;
    const bool zero = text.ends_with(":0");
    const bool bare_v6 = text.find(':') != text.rfind(':') && text.front() != '[';
    const auto address = zero ? text.substr(0, text.size() - 2) : bare_v6 ? '[' + text + ']' : text;
    auto endpoint = dht::Endpoint::parse(address + ":1");
    if (endpoint) endpoint->port = 0;
    return endpoint;
}

federation::Result<std::vector<dht::Endpoint>> parse_contacts(const std::string& text) {
    std::vector<dht::Endpoint> contacts;
    for (std::size_t at = 0; at < text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        const auto one = text.substr(at, comma - at);
        const auto endpoint = dht::Endpoint::parse(one);
        if (!endpoint)
            return Error{"bootstrap \"" + one +
                         "\" is not valid: ADDRESS:PORT such as 192.0.2.1:7773 or "
                         "[2001:db8::1]:7773 is accepted, several with commas (no host names)"};
        contacts.push_back(*endpoint);
        at = comma + 1;
    }
    return contacts;
}

}  // namespace

std::string NodeSettings::key() const {
    if (identity_file.empty()) return '\n' + federation + '\n' + bootstrap + '\n' + listen_address;
    std::error_code error;
    const auto path = std::filesystem::weakly_canonical(std::filesystem::absolute(identity_file), error);
    return error ? identity_file : path.string();
}

federation::Result<NodePlan> NodePlan::make(const NodeSettings& settings) {
    NodePlan plan{settings, {}, {}, {}};
    const auto federation = dht::FederationName::parse(settings.federation);
    if (!federation)
        return Error{"federation \"" + settings.federation +
                     "\" is not valid: a name of 1 to 64 octets without @ is accepted; or, of a closed "
                     "federation, NAME@KEY as 'viaduct federation init' showed it"};
    plan.federation = *federation;
    if (federation->key && settings.identity_file.empty() && settings.certificate_file.empty())
        return Error{"federation \"" + settings.federation +
                     "\" is closed: set identity-file to the key of a member, and have it admitted with "
                     "'viaduct federation admit'"};
    auto contacts = parse_contacts(settings.bootstrap);
    if (!contacts) return contacts.error();
    plan.contacts = std::move(*contacts);
    const auto listen = parse_listen(settings.listen_address.empty() ? "0.0.0.0" : settings.listen_address);
    if (!listen)
        return Error{
            "listen-address \"" + settings.listen_address +
            "\" is not valid: ADDRESS or ADDRESS:PORT such as 127.0.0.1 or 192.0.2.1:7000 is accepted"};
    plan.listen = {*listen, *listen};
    return plan;
}

}  // namespace elements
