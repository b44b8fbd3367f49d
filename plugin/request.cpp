// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/request.h"

#include <strings.h>

#include <limits>

#include "federation/protocol.h"
#include "plugin/json.h"
#include "plugin/mlines.h"

namespace plugin {

namespace {

ApiError invalid(const std::string& element, const std::string& expected) {
    return {Code::invalid_element, "Invalid element (" + element + " should be " + expected + ")",
            "invalid-element"};
}

/// Reads optional elements one after the other and keeps the first complaint.
class Reader {
public:
    explicit Reader(const json_t* object) : object_(object) {}

    std::optional<std::string> text(const char* key) {
        const json_t* value = json_object_get(object_, key);
        if (!value) return std::nullopt;
        if (!json_is_string(value) || json_string_length(value) > text_bytes_max) {
            complain(invalid(key, "a string of at most " + std::to_string(text_bytes_max) + " octets"));
            return std::nullopt;
        }
        return std::string{json_string_value(value), json_string_length(value)};
    }

    std::string required_text(const char* key) {
        auto value = text(key);
        if (!value && !error)
            error = ApiError{Code::missing_element, std::string{"Missing mandatory element ("} + key + ")",
                             "missing-element"};
        return value.value_or("");
    }

    std::optional<bool> flag(const char* key) {
        const json_t* value = json_object_get(object_, key);
        if (!value) return std::nullopt;
        if (!json_is_boolean(value)) complain(invalid(key, "a boolean"));
        return json_is_true(value);
    }

    std::optional<std::uint32_t> number(const char* key) {
        const json_t* value = json_object_get(object_, key);
        if (!value) return std::nullopt;
        const json_int_t number = json_integer_value(value);
        if (!json_is_integer(value) || number < 0 || number > std::numeric_limits<std::uint32_t>::max())
            complain(invalid(key, "a positive integer of 32 bits"));
        return static_cast<std::uint32_t>(number);
    }

    void refuse(const char* key) {
        if (json_object_get(object_, key))
            complain({Code::invalid_element,
                      std::string{"Invalid element ("} + key + " is not available in this version)",
                      "not-available"});
    }

    std::optional<ApiError> error;

private:
    void complain(ApiError complaint) {
        if (!error) error = std::move(complaint);
    }
    const json_t* object_;
};

Set parse_set(Reader& reader) {
    Set set;
    set.audio = reader.flag("audio");
    set.video = reader.flag("video");
    set.bitrate = reader.number("bitrate");
    set.restart = reader.flag("restart").value_or(false);
    // Better refused than silently ignored: who asks for a recording counts on it.
    for (const char* key : {"record", "filename", "substream", "temporal", "fallback"}) reader.refuse(key);
    return set;
}

Hangup parse_hangup(const json_t* message) {
    const json_t* reason = json_object_get(message, "reason");
    // VideoCall ignores a reason that is no string: nobody should fail to hang up.
    if (!json_is_string(reason) || json_string_length(reason) > text_bytes_max) return {};
    return {json_string_value(reason)};
}

}  // namespace

std::variant<Request, ApiError> parse_request(const json_t* message) {
    if (!message) return ApiError{Code::no_message, "No message", "no-message"};
    if (!json_is_object(message))
        return ApiError{Code::invalid_json, "JSON error: not an object", "invalid-json"};
    Reader reader{message};
    const std::string name = reader.required_text("request");
    const auto is = [&](const char* request) { return strcasecmp(name.c_str(), request) == 0; };

    Request request;
    if (reader.error) return *reader.error;
    if (is("list"))
        request = List{};
    else if (is("register"))
        request = Register{reader.required_text("username")};
    else if (is("call"))
        request = Call{reader.required_text("username")};
    else if (is("accept"))
        request = Accept{};
    else if (is("set"))
        request = parse_set(reader);
    else if (is("hangup"))
        request = parse_hangup(message);
    else
        return ApiError{Code::invalid_request, "Unknown request (" + name + ")", "unknown-request"};
    if (reader.error) return *reader.error;
    return request;
}

std::string Jsep::to_json() const {
    const auto json = Json{json_pack("{ssss}", "type", type.c_str(), "sdp", sdp.c_str())};
    if (e2ee) json_object_set_new(json.get(), "e2ee", json_true());
    return dump(json.get());
}

std::variant<Jsep, ApiError> parse_jsep(const json_t* jsep) {
    const char* type = json_string_value(json_object_get(jsep, "type"));
    const char* sdp = json_string_value(json_object_get(jsep, "sdp"));
    if (!type || !sdp) return ApiError{Code::missing_sdp, "Missing SDP", "missing-sdp"};
    if (strcasecmp(type, "offer") != 0 && strcasecmp(type, "answer") != 0)
        return ApiError{Code::invalid_sdp, std::string{"Invalid SDP type ("} + type + ")", "invalid-sdp"};
    if (!parse_mlines(sdp)) return ApiError{Code::invalid_sdp, "Invalid SDP", "invalid-sdp"};
    Jsep parsed{type, sdp, json_is_true(json_object_get(jsep, "update")) != 0,
                json_is_true(json_object_get(jsep, "e2ee")) != 0};
    // The other server would close the connection, and every call with it, over a message that is too long.
    if (parsed.to_json().size() > federation::sdp_bytes_max)
        return ApiError{Code::invalid_sdp, "Invalid SDP (too long)", "invalid-sdp"};
    return parsed;
}

}  // namespace plugin
