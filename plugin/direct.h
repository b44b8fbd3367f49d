// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <variant>

#include "federation/json.h"
#include "plugin/request.h"

namespace plugin {

// What two browsers of a direct call say to each other. It passes both servers unread, so it is checked where
// it comes in, from a client and from another server alike: whatever reaches a page has this form and no
// more.

/// What a browser says in one element of a candidate.
constexpr std::size_t candidate_text_bytes_max = 1024;

/// An RTCSessionDescription, as JSON with nothing but type and sdp. `type` is what is expected: "offer",
/// "answer", or "" for either. Nothing came: 482. Something else came: 483.
std::variant<std::string, ApiError> parse_description(const json_t* description, const char* type = "");

/// An RTCIceCandidate, as JSON with nothing but its four members. JSON's null, and no candidate at all, mean
/// that there are no more: empty.
std::variant<std::string, ApiError> parse_candidate(const json_t* candidate);

}  // namespace plugin
