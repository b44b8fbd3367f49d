// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/options.h"

namespace tools {

void add_federation(CLI::App& command, Options& options) {
    command
        .add_option("-f,--federation", options.federation,
                    "Only nodes that give the same name find each other; NAME@KEY is a closed one")
        ->capture_default_str();
}

void add_bootstrap(CLI::App& command, Options& options) {
    command
        .add_option("-b,--bootstrap", options.bootstrap,
                    "DHT addresses of other nodes, ADDRESS:PORT; repeatable")
        ->delimiter(',');
}

void add_membership(CLI::App& command, Options& options) {
    command.add_option("-i,--identity", options.identity_file,
                       "Key file of a member to ask as, in a closed federation");
    add_certificate(command, options);
}

void add_certificate(CLI::App& command, Options& options) {
    command.add_option("--certificate", options.certificate_file,
                       "Its certificate, of a closed federation; default: beside the key file");
}

void add_required_bootstrap(CLI::App& command, Options& options) {
    add_federation(command, options);
    add_bootstrap(command, options);
    command.get_option("--bootstrap")->required();
}

void add_json(CLI::App& command, Options& options) {
    command.add_flag("--json", options.json, "Print one JSON object");
}

dht::FederationName parse_federation(const std::string& text) {
    const auto name = dht::FederationName::parse(text);
    if (!name)
        throw UsageError{"--federation \"" + text +
                         "\" is not valid: a name of 1 to 64 octets without @ is accepted; or, of a closed "
                         "federation, NAME@KEY as 'viaduct federation init' showed it"};
    return *name;
}

dht::Endpoint parse_endpoint(const std::string& option, const std::string& text) {
    const auto endpoint = dht::Endpoint::parse(text);
    if (!endpoint)
        throw UsageError{option + " \"" + text +
                         "\" is not valid: ADDRESS:PORT such as 192.0.2.1:7773 or [2001:db8::1]:7773 is "
                         "accepted (no host names)"};
    return *endpoint;
}

dht::Endpoint parse_listen(const std::string& option, const std::string& text) {
    if (!text.ends_with(":0")) return parse_endpoint(option, text);
    auto endpoint = parse_endpoint(option, text.substr(0, text.size() - 1) + "1");
    endpoint.port = 0;
    return endpoint;
}

std::vector<dht::Endpoint> parse_endpoints(const std::string& option, const std::vector<std::string>& texts) {
    std::vector<dht::Endpoint> endpoints;
    for (const auto& text : texts) endpoints.push_back(parse_endpoint(option, text));
    return endpoints;
}

}  // namespace tools
