// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/request.h"

#include <strings.h>

#include <algorithm>
#include <limits>

#include "federation/protocol.h"
#include "plugin/direct.h"
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

    std::optional<federation::OwnerToken> token(const char* key) {
        const auto digits = text(key);
        if (!digits) return std::nullopt;
        const auto value = federation::token_from(*digits);
        if (!value) complain(invalid(key, "the 64 hexadecimal digits that registering elsewhere gave"));
        return value;
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

    std::optional<int> layer(const char* key) {
        const json_t* value = json_object_get(object_, key);
        if (!value) return std::nullopt;
        const json_int_t number = json_integer_value(value);
        if (!json_is_integer(value) || number < 0 || number >= simulcast_layers)
            complain({Code::invalid_element, std::string{"Invalid value ("} + key + " should be 0, 1 or 2)",
                      "invalid-element"});
        return static_cast<int>(number);
    }

    /// Of a call whose media is "direct"; nothing if it is "bridged", as by default.
    std::optional<std::string> direct_offer() {
        const auto media = text("media");
        if (!media || *media == "bridged") return std::nullopt;
        if (*media != "direct") complain(invalid("media", "\"direct\" or \"bridged\""));
        return checked(parse_description(json_object_get(object_, "description"), "offer"));
    }

    std::optional<std::string> description(const char* type = "") {
        const json_t* value = json_object_get(object_, "description");
        return value ? checked(parse_description(value, type)) : std::nullopt;
    }

    std::string candidate() {
        if (!json_object_get(object_, "candidate"))
            complain({Code::missing_element, "Missing mandatory element (candidate)", "missing-element"});
        return checked(parse_candidate(json_object_get(object_, "candidate"))).value_or("");
    }

    std::optional<ApiError> error;

private:
    std::optional<std::string> checked(std::variant<std::string, ApiError> parsed) {
        if (auto* text = std::get_if<std::string>(&parsed)) return std::move(*text);
        complain(std::get<ApiError>(parsed));
        return std::nullopt;
    }
    void complain(ApiError complaint) {
        if (!error) error = std::move(complaint);
    }
    const json_t* object_;
};

Set parse_set(Reader& reader) {
    Set set;
    set.description = reader.description();
    set.audio = reader.flag("audio");
    set.video = reader.flag("video");
    set.bitrate = reader.number("bitrate");
    set.record = reader.flag("record");
    set.filename = reader.text("filename");
    set.substream = reader.layer("substream");
    set.temporal = reader.layer("temporal");
    set.fallback = reader.number("fallback");
    set.restart = reader.flag("restart").value_or(false);
    return set;
}

/// VideoCall ignores a reason that is no string: nobody should fail to hang up.
std::optional<std::string> parse_reason(const json_t* message) {
    const json_t* reason = json_object_get(message, "reason");
    if (!json_is_string(reason) || json_string_length(reason) > text_bytes_max) return std::nullopt;
    return json_string_value(reason);
}

/// One entry of what Janus adds to a description: {"mindex":…,"rids":[largest, …],"rid-ext":…}, or
/// "ssrcs":[smallest, …].
SimulcastMedia parse_layers(const json_t* entry) {
    SimulcastMedia media;
    media.mindex = static_cast<int>(json_integer_value(json_object_get(entry, "mindex")));
    media.rid_extension = static_cast<int>(json_integer_value(json_object_get(entry, "rid-ext")));
    const json_t* rids = json_object_get(entry, "rids");
    for (std::size_t i = std::min<std::size_t>(json_array_size(rids), simulcast_layers); i > 0; --i) {
        const char* rid = json_string_value(json_array_get(rids, i - 1));
        media.rids.emplace_back(rid ? rid : "");
    }
    const json_t* ssrcs = json_object_get(entry, "ssrcs");
    for (std::size_t i = 0; i < std::min<std::size_t>(json_array_size(ssrcs), simulcast_layers); ++i)
        media.ssrcs.push_back(static_cast<std::uint32_t>(json_integer_value(json_array_get(ssrcs, i))));
    return media;
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
        request = Register{reader.required_text("username"), reader.token("token"),
                           reader.flag("direct").value_or(false)};
    else if (is("call"))
        request = Call{reader.required_text("username"), reader.direct_offer()};
    else if (is("accept"))
        request = Accept{reader.description("answer")};
    else if (is("set"))
        request = parse_set(reader);
    else if (is("hangup"))
        request = Hangup{parse_reason(message)};
    else if (is("unregister"))
        request = Unregister{};
    else if (is("decline"))
        request = Decline{parse_reason(message)};
    else if (is("lookup"))
        request = Lookup{reader.required_text("username")};
    else if (is("nodes"))
        request = Nodes{};
    else if (is("candidate"))
        request = Trickle{reader.candidate()};
    else if (is("connected"))
        request = Connected{};
    else if (is("bridge"))
        request = Bridge{};
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
    const json_t* simulcast = json_object_get(jsep, "simulcast");
    for (std::size_t i = 0; i < std::min(json_array_size(simulcast), mlines_max); ++i)
        parsed.simulcast.push_back(parse_layers(json_array_get(simulcast, i)));
    // The other server would close the connection, and every call with it, over a message that is too long.
    if (parsed.to_json().size() > federation::sdp_bytes_max)
        return ApiError{Code::invalid_sdp, "Invalid SDP (too long)", "invalid-sdp"};
    return parsed;
}

}  // namespace plugin
