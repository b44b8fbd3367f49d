// SPDX-License-Identifier: GPL-3.0-or-later
/// What is said of rooms: requests of clients, and their offers.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "plugin/json.h"
#include "plugin/publish_answer.h"
#include "plugin/videoroom_request.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input{reinterpret_cast<const char*>(data), size};
    const auto message = plugin::load(input);
    const auto request = plugin::room_request::parse(message.get());
    if (const auto* error = std::get_if<plugin::RoomError>(&request))
        if (error->text.empty() || error->reason.empty()) std::abort();
    const auto administration = plugin::room_request::parse_administration(message.get());
    if (const auto* error = std::get_if<plugin::RoomError>(&administration))
        if (error->text.empty() || error->reason.empty()) std::abort();

    plugin::RoomSettings settings;
    plugin::apply_rules(input, settings);

    // An answer is a description with as many m-lines.
    if (const auto offer = plugin::parse_sdp_lines(input)) {
        const auto answer = plugin::answer_offer(*offer, settings, {}, 1, 1);
        if (answer.streams.size() != offer->size()) std::abort();
    }
    return 0;
}
