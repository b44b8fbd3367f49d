// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/direct.h"

#include <cstring>

#include <algorithm>
#include <string_view>

#include "federation/protocol.h"
#include "plugin/json.h"
#include "plugin/mlines.h"

namespace plugin {

using federation::Json;

namespace {

bool graphic(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

/// A string that is short and could not begin another line of an SDP.
bool short_text(const json_t* value) {
    return json_is_string(value) && json_string_length(value) <= candidate_text_bytes_max &&
           graphic({json_string_value(value), json_string_length(value)});
}

bool is_absent(const json_t* value) {
    return !value || json_is_null(value);
}

ApiError no_candidate(const char* what) {
    return {Code::invalid_element, std::string{"Invalid element (candidate: "} + what + ")",
            "invalid-element"};
}

}  // namespace

std::variant<std::string, ApiError> parse_description(const json_t* description, const char* type) {
    const char* is = json_string_value(json_object_get(description, "type"));
    const char* sdp = json_string_value(json_object_get(description, "sdp"));
    if (!is || !sdp) return ApiError{Code::missing_sdp, "Missing description", "missing-sdp"};
    const bool known = strcmp(is, "offer") == 0 || strcmp(is, "answer") == 0;
    if (!known || (*type != '\0' && strcmp(is, type) != 0))
        return ApiError{Code::invalid_sdp, std::string{"Invalid description (type "} + is + ")",
                        "invalid-sdp"};
    if (!parse_mlines(sdp)) return ApiError{Code::invalid_sdp, "Invalid SDP", "invalid-sdp"};
    const Json rebuilt{json_pack("{ssss}", "type", is, "sdp", sdp)};
    std::string text = dump(rebuilt.get());
    if (text.size() > federation::sdp_bytes_max)
        return ApiError{Code::invalid_sdp, "Invalid SDP (too long)", "invalid-sdp"};
    return text;
}

std::variant<std::string, ApiError> parse_candidate(const json_t* candidate) {
    if (is_absent(candidate)) return std::string{};
    const json_t* line = json_object_get(candidate, "candidate");
    const json_t* mid = json_object_get(candidate, "sdpMid");
    const json_t* index = json_object_get(candidate, "sdpMLineIndex");
    const json_t* fragment = json_object_get(candidate, "usernameFragment");
    if (!short_text(line)) return no_candidate("no text in candidate");
    const std::string_view text = json_string_value(line);
    if (!text.empty() && !text.starts_with("candidate:")) return no_candidate("it begins with no candidate:");
    if (!is_absent(mid) && !short_text(mid)) return no_candidate("sdpMid");
    if (!is_absent(fragment) && !short_text(fragment)) return no_candidate("usernameFragment");
    const json_int_t number = json_integer_value(index);
    if (!is_absent(index) &&
        (!json_is_integer(index) || number < 0 || number >= static_cast<json_int_t>(mlines_max)))
        return no_candidate("sdpMLineIndex");

    Json rebuilt{json_object()};
    for (const char* member : {"candidate", "sdpMid", "sdpMLineIndex", "usernameFragment"}) {
        json_t* value = json_object_get(candidate, member);
        if (!is_absent(value)) json_object_set(rebuilt.get(), member, value);
    }
    std::string carried = dump(rebuilt.get());
    if (carried.size() > federation::candidate_bytes_max) return no_candidate("too long");
    return carried;
}

}  // namespace plugin
