// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/events.h"

namespace plugin {

using federation::Json;

namespace {

/// Text that came from outside may be no UTF-8; jansson would refuse it, and the event be lost.
json_t* text(const std::string& value) {
    json_t* json = json_stringn(value.data(), value.size());
    return json ? json : json_string("?");
}

Json videocall(const char* key, json_t* value) {
    Json event{json_object()};
    json_object_set_new(event.get(), "videocall", json_string("event"));
    json_object_set_new(event.get(), key, value);
    return event;
}

}  // namespace

Json handler_event(const char* name, Fields fields) {
    Json event{json_object()};
    json_object_set_new(event.get(), "event", json_string(name));
    for (const auto& [key, value] : fields) json_object_set_new(event.get(), key, text(value));
    return event;
}

Json result_event(const char* name, Fields fields) {
    return videocall("result", handler_event(name, fields).release());
}

Json result_event_with(const char* name, Fields fields, const char* key, const std::string& json) {
    Json event = result_event(name, fields);
    Json value{json_loadb(json.data(), json.size(), 0, nullptr)};
    json_object_set_new(json_object_get(event.get(), "result"), key, value ? value.release() : json_null());
    return event;
}

Json list_event(const std::vector<std::string>& users) {
    json_t* list = json_array();
    for (const auto& user : users) json_array_append_new(list, text(user));
    Json result{json_object()};
    json_object_set_new(result.get(), "list", list);
    return videocall("result", result.release());
}

Json simulcast_event(std::string_view codec, const char* what, int layer) {
    Json event = result_event("simulcast", {{"videocodec", std::string{codec}}});
    json_object_set_new(json_object_get(event.get(), "result"), what, json_integer(layer));
    return event;
}

Json found_event(const std::string& user, const dht::NodeId& server, std::chrono::microseconds took) {
    Json event = result_event("found", {{"username", user}, {"server", server.hex()}});
    json_object_set_new(json_object_get(event.get(), "result"), "took-ms",
                        json_real(static_cast<double>(took.count()) / 1000));
    return event;
}

Json nodes_event(const KnownNodes& known) {
    json_t* nodes = json_array();
    for (const auto& node : known.nodes)
        json_array_append_new(nodes,
                              json_pack("{ssss}", "node", node.id.c_str(), "address", node.address.c_str()));
    return videocall("result", json_pack("{sssIso}", "node", known.self.c_str(), "known",
                                         static_cast<json_int_t>(known.known), "nodes", nodes));
}

Json error_event(const ApiError& error) {
    Json event = videocall("error_code", json_integer(static_cast<int>(error.code)));
    json_object_set_new(event.get(), "error", text(error.text));
    json_object_set_new(event.get(), "reason", text(error.reason));
    return event;
}

}  // namespace plugin
