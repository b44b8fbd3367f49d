// SPDX-License-Identifier: GPL-3.0-or-later
/// What a browser may send: a request, and the JSEP beside it. The input is the message's JSON, a line
/// break, and the JSEP's.
#include "plugin/request.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "federation/protocol.h"
#include "plugin/direct.h"
#include "plugin/json.h"
#include "plugin/watch_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input{reinterpret_cast<const char*>(data), size};
    const std::size_t end = std::min(input.find('\n'), input.size());
    const auto message = plugin::load(input.substr(0, end));
    const auto request = plugin::parse_request(message.get());
    if (const auto* error = std::get_if<plugin::ApiError>(&request)) {
        if (error->text.empty() || error->reason.empty()) std::abort();
    }
    const auto watched = plugin::watch_request::parse(message.get());
    if (const auto* error = std::get_if<plugin::WatchError>(&watched))
        if (error->text.empty() || error->reason.empty()) std::abort();

    const auto jsep = plugin::load(end < input.size() ? input.substr(end + 1) : input);
    const auto parsed = plugin::parse_jsep(jsep.get());
    if (const auto* valid = std::get_if<plugin::Jsep>(&parsed)) {
        // What we accept, the other server must accept too.
        const std::string carried = valid->to_json();
        if (!federation::valid_jsep(carried)) std::abort();
        if (!std::holds_alternative<plugin::Jsep>(plugin::parse_jsep(plugin::load(carried).get())))
            std::abort();
    }

    // What one of a direct call's browsers says is carried as it was rebuilt: the same once more, and within
    // bounds.
    const auto described = plugin::parse_description(jsep.get());
    if (const auto* text = std::get_if<std::string>(&described)) {
        const auto again = plugin::parse_description(plugin::load(*text).get());
        if (!federation::valid_jsep(*text) || std::get<std::string>(again) != *text) std::abort();
    }
    const auto candidate = plugin::parse_candidate(jsep.get());
    if (const auto* text = std::get_if<std::string>(&candidate)) {
        const auto again = plugin::parse_candidate(plugin::load(*text).get());
        if (text->size() > federation::candidate_bytes_max || std::get<std::string>(again) != *text)
            std::abort();
    }
    return 0;
}
