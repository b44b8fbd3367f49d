// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/element_reader.h"

#include <charconv>

namespace plugin {

void ElementReader::complain(const char* key, const std::string& expected) {
    if (error) return;
    error =
        RoomError{RoomCode::invalid_element,
                  "Invalid element (" + std::string{key} + " should be " + expected + ")", "invalid-element"};
}

void ElementReader::missing(const char* key) {
    if (error) return;
    error = RoomError{RoomCode::missing_element, "Missing mandatory element (" + std::string{key} + ")",
                      "missing-element"};
}

std::optional<std::string> ElementReader::text(const char* key, std::size_t most) {
    const json_t* value = json_object_get(object_, key);
    if (!value) return std::nullopt;
    if (!json_is_string(value) || json_string_length(value) > most) {
        complain(key, "a string of at most " + std::to_string(most) + " octets");
        return std::nullopt;
    }
    return std::string{json_string_value(value), json_string_length(value)};
}

std::optional<bool> ElementReader::flag(const char* key) {
    const json_t* value = json_object_get(object_, key);
    if (!value) return std::nullopt;
    if (!json_is_boolean(value)) complain(key, "a boolean");
    return json_is_true(value);
}

std::optional<std::uint32_t> ElementReader::number(const char* key, std::uint32_t most) {
    const json_t* value = json_object_get(object_, key);
    if (!value) return std::nullopt;
    json_int_t number = -1;
    if (json_is_integer(value)) number = json_integer_value(value);
    if (json_is_string(value)) {
        const char* begin = json_string_value(value);
        const char* end = begin + json_string_length(value);
        if (std::from_chars(begin, end, number).ptr != end) number = -1;
    }
    if (number < 0 || number > most) {
        complain(key, "a whole number from 0 to " + std::to_string(most));
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(number);
}

std::optional<Id> ElementReader::id(const char* key) {
    const json_t* value = json_object_get(object_, key);
    if (!value) return std::nullopt;
    auto id = Id::from(value);
    if (!id) complain(key, "a positive integer of 53 bits, or a string of 1 to 64 octets");
    return id;
}

std::optional<std::vector<const json_t*>> ElementReader::objects(const char* key, std::size_t most) {
    const json_t* value = json_object_get(object_, key);
    if (!value) return std::nullopt;
    std::vector<const json_t*> objects;
    for (std::size_t i = 0; i < json_array_size(value) && i < most; ++i)
        if (json_is_object(json_array_get(value, i))) objects.push_back(json_array_get(value, i));
    if (!json_is_array(value) || objects.size() != json_array_size(value)) {
        complain(key, "an array of at most " + std::to_string(most) + " objects");
        return std::nullopt;
    }
    return objects;
}

std::optional<std::vector<std::string>> ElementReader::texts(const char* key, std::size_t count_max,
                                                             std::size_t most) {
    const json_t* value = json_object_get(object_, key);
    if (!value) return std::nullopt;
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < json_array_size(value) && i < count_max; ++i) {
        const json_t* text = json_array_get(value, i);
        if (json_is_string(text) && json_string_length(text) <= most)
            texts.emplace_back(json_string_value(text), json_string_length(text));
    }
    if (!json_is_array(value) || texts.size() != json_array_size(value)) {
        complain(key, "an array of at most " + std::to_string(count_max) + " strings");
        return std::nullopt;
    }
    return texts;
}

}  // namespace plugin
