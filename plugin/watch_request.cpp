// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/watch_request.h"

#include <strings.h>

namespace plugin {

using federation::Reason;

namespace watch_request {

namespace {

std::variant<Request, WatchError> parse_watch(const json_t* message) {
    const json_t* text = json_object_get(message, "uri");
    if (!text)
        return WatchError{WatchCode::missing_element, "Missing mandatory element (uri)", "missing-element"};
    if (!json_is_string(text))
        return WatchError{WatchCode::invalid_element, "Invalid element (uri should be a string)",
                          "invalid-element"};
    auto uri = gst::FeedUri::parse({json_string_value(text), json_string_length(text)});
    if (!uri)
        return WatchError{WatchCode::invalid_element, "Invalid element (uri: " + uri.error().what + ")",
                          "invalid-uri"};
    // Its rules are the room's: its pin, who is told of whom.
    if (!uri->room.empty())
        return WatchError{WatchCode::invalid_element,
                          "Invalid element (uri: who wants to see a room's feeds joins the room)",
                          "invalid-uri"};
    return Watch{std::move(*uri)};
}

}  // namespace

std::variant<Request, WatchError> parse(const json_t* message) {
    if (!message) return WatchError{WatchCode::no_message, "No message", "no-message"};
    if (!json_is_object(message))
        return WatchError{WatchCode::invalid_json, "JSON error: not an object", "invalid-json"};
    const json_t* request = json_object_get(message, "request");
    if (!request)
        return WatchError{WatchCode::missing_element, "Missing mandatory element (request)",
                          "missing-element"};
    if (!json_is_string(request))
        return WatchError{WatchCode::invalid_element, "Invalid element (request should be a string)",
                          "invalid-element"};
    const std::string name = json_string_value(request);
    const auto is = [&](const char* known) { return strcasecmp(name.c_str(), known) == 0; };
    if (is("watch")) return parse_watch(message);
    if (is("start")) return Start{};
    if (is("pause")) return Pause{};
    if (is("stop")) return Stop{};
    return WatchError{WatchCode::invalid_request, "Unknown request (" + name.substr(0, 64) + ")",
                      "unknown-request"};
}

}  // namespace watch_request

WatchError watch_error(Reason reason) {
    const std::string word{federation::word(reason)}, sentence{federation::sentence(reason)};
    switch (reason) {
        case Reason::unknown_feed:
        case Reason::invalid_name:
        case Reason::server_unreachable:
        case Reason::timeout:
        case Reason::trunk_failed:
            return {WatchCode::no_such_stream, sentence, word};
        case Reason::declined:
        case Reason::not_a_member:
        case Reason::not_permitted:
        case Reason::signalling_refused:
            return {WatchCode::unauthorized, sentence, word};
        default:
            return {WatchCode::unknown, sentence, word};
    }
}

Json error_of(const WatchError& error) {
    return Json{json_pack("{sssissss}", "streaming", "event", "error_code", static_cast<int>(error.code),
                          "error", error.text.c_str(), "reason", error.reason.c_str())};
}

Json status_event(const char* status) {
    return Json{json_pack("{sss{ss}}", "streaming", "event", "result", "status", status)};
}

Json status_event(const char* status, Reason reason) {
    const std::string word{federation::word(reason)}, sentence{federation::sentence(reason)};
    return Json{json_pack("{sss{ssssss}}", "streaming", "event", "result", "status", status, "reason",
                          sentence.c_str(), "reason_code", word.c_str())};
}

}  // namespace plugin
