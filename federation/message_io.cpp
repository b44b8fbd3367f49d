// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/message_io.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "dht/base64.h"
#include "dht/revocations.h"
#include "federation/name.h"

namespace federation {

std::string dump(const json_t* value) {
    const std::size_t size = json_dumpb(value, nullptr, 0, JSON_COMPACT);
    std::string out(size, '\0');
    json_dumpb(value, out.data(), size, JSON_COMPACT);
    return out;
}

// ---- Writing

Writer::Writer() : object_(json_object()) {}

Writer::Writer(const char* type) : Writer() {
    number("v", protocol_version);
    text("type", type);
}

Writer& Writer::text(const char* name, std::string_view value) {
    json_object_set_new(object_.get(), name, json_stringn(value.data(), value.size()));
    return *this;
}

Writer& Writer::text_unless_empty(const char* name, std::string_view value) {
    return value.empty() ? *this : text(name, value);
}

Writer& Writer::number(const char* name, std::uint64_t value) {
    json_object_set_new(object_.get(), name, json_integer(static_cast<json_int_t>(value)));
    return *this;
}

Writer& Writer::flag(const char* name, bool value) {
    if (value) json_object_set_new(object_.get(), name, json_true());
    return *this;
}

Writer& Writer::octets(const char* name, dht::BytesView value) {
    return value.empty() ? *this : text(name, dht::to_base64(dht::text(value)));
}

Writer& Writer::object(const char* name, std::string_view value) {
    if (Json parsed{json_loadb(value.data(), value.size(), JSON_REJECT_DUPLICATES, nullptr)}) {
        json_object_set(object_.get(), name, parsed.get());
    }
    return *this;
}

Writer& Writer::append(const char* list, const Writer& element) {
    json_array_append(this->list(list), element.object_.get());
    return *this;
}

Writer& Writer::append(const char* list, std::string_view element) {
    json_array_append_new(this->list(list), json_stringn(element.data(), element.size()));
    return *this;
}

json_t* Writer::list(const char* name) {
    if (!json_object_get(object_.get(), name)) json_object_set_new(object_.get(), name, json_array());
    return json_object_get(object_.get(), name);
}

// ---- Reading

std::string Reader::wrong(const char* name) {
    if (!wrong_) wrong_ = name;
    return {};
}

std::string Reader::text(const char* name, std::size_t bytes_max) {
    const json_t* value = json_object_get(object_, name);
    if (!json_is_string(value) || json_string_length(value) > bytes_max) return wrong(name);
    return {json_string_value(value), json_string_length(value)};
}

std::string Reader::text_or_empty(const char* name, std::size_t bytes_max) {
    return json_object_get(object_, name) ? text(name, bytes_max) : std::string{};
}

std::string Reader::word_like(const char* name) {
    auto value = text(name, trunk_bytes_max);
    const auto graphic = [](char c) { return c > ' ' && c < '\x7F'; };
    if (value.empty() || !std::ranges::all_of(value, graphic)) return wrong(name);
    return value;
}

std::string Reader::digits(const char* name, std::size_t count) {
    auto value = text(name, count);
    const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (value.size() != count || !std::ranges::all_of(value, digit)) return wrong(name);
    return value;
}

std::string Reader::user(const char* name) {
    auto value = text(name, user_bytes_max);
    return valid_user(value) ? value : wrong(name);
}

std::string Reader::label(const char* name) {
    auto value = text(name, user_bytes_max);
    return valid_label(value) ? value : wrong(name);
}

LaneId Reader::lane() {
    const auto value = number("lane");
    // Lane 0 is the trunk's own; 1 is 0 with the other side's bit.
    if (value < 2 || value > std::numeric_limits<LaneId>::max()) wrong("lane");
    return static_cast<LaneId>(value);
}

std::uint64_t Reader::number(const char* name) {
    const json_t* value = json_object_get(object_, name);
    if (!json_is_integer(value) || json_integer_value(value) < 0) wrong(name);
    return static_cast<std::uint64_t>(json_integer_value(value));
}

bool Reader::flag(const char* name) {
    const json_t* value = json_object_get(object_, name);
    if (value && !json_is_boolean(value)) wrong(name);
    return json_is_true(value);
}

std::string Reader::object(const char* name, std::size_t bytes_max) {
    const json_t* value = json_object_get(object_, name);
    if (!value) return {};
    if (!json_is_object(value)) return wrong(name);
    const std::size_t size = json_dumpb(value, nullptr, 0, JSON_COMPACT);
    if (size == 0 || size > bytes_max) return wrong(name);
    return dump(value);
}

dht::Bytes Reader::octets_or_empty(const char* name, std::size_t bytes_max) {
    auto octets = dht::from_base64(text_or_empty(name, 4 * (bytes_max / 3 + 1)));
    if (!octets || octets->size() > bytes_max) wrong(name);
    return std::move(octets).value_or(dht::Bytes{});
}

dht::Item Reader::revocations() {
    auto list = dht::decode_list(octets_or_empty("list", dht::list_bytes_max));
    if (!list) wrong("list");
    return std::move(list).value_or(dht::Item{});
}

dht::NodeId Reader::node_id(const char* name) {
    const auto id = dht::NodeId::from_hex(text(name, 40));
    if (!id) wrong(name);
    return id.value_or(dht::NodeId{});
}

dht::Endpoint Reader::endpoint(const char* name) {
    const auto endpoint = dht::Endpoint::parse(text(name, 64));
    if (!endpoint) wrong(name);
    return endpoint.value_or(dht::Endpoint{});
}

Reason Reader::reason(Reason unknown) {
    return reason_from(text("reason", trunk_bytes_max)).value_or(unknown);
}

const json_t* Reader::list(const char* name, std::size_t count_max) {
    const json_t* value = json_object_get(object_, name);
    const bool sound = !value || (json_is_array(value) && json_array_size(value) <= count_max);
    if (!sound) wrong(name);
    return sound ? value : nullptr;
}

void Reader::objects(const char* name, std::size_t count_max, const std::function<void(Reader&)>& each) {
    const json_t* all = list(name, count_max);
    for (std::size_t i = 0; i < json_array_size(all); ++i) {
        Reader element{json_array_get(all, i)};
        each(element);
        if (element.wrong_) wrong(name);
    }
}

void Reader::labels(const char* name, std::size_t count_max, const std::function<void(std::string)>& each) {
    const json_t* all = list(name, count_max);
    for (std::size_t i = 0; i < json_array_size(all); ++i) {
        const json_t* value = json_array_get(all, i);
        std::string label{json_is_string(value) ? json_string_value(value) : "", json_string_length(value)};
        if (valid_label(label)) {
            each(std::move(label));
        } else {
            wrong(name);
        }
    }
}

Result<Message> Reader::result(Message message) const {
    if (wrong_) return Error{std::string{"bad field "} + wrong_};
    return message;
}

}  // namespace federation
