// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "plugin/room_id.h"
#include "plugin/videoroom_error.h"

namespace plugin {

/// Reads the elements of a JSON object one after the other and keeps the first complaint. Hostile input.
class ElementReader {
public:
    explicit ElementReader(const json_t* object) : object_(object) {}

    std::optional<std::string> text(const char* key, std::size_t most);
    std::optional<bool> flag(const char* key);
    /// Also as a text of digits, as some clients send them.
    std::optional<std::uint32_t> number(const char* key, std::uint32_t most = UINT32_MAX);
    std::optional<Id> id(const char* key);
    /// The objects of an array; nothing when it is missing.
    std::optional<std::vector<const json_t*>> objects(const char* key, std::size_t most);
    std::optional<std::vector<std::string>> texts(const char* key, std::size_t count_max, std::size_t most);
    /// What must not be missing.
    template <class T>
    T required(const char* key, std::optional<T> value) {
        if (!value) missing(key);
        return value.value_or(T{});
    }
    void missing(const char* key);
    void complain(const char* key, const std::string& expected);

    [[nodiscard]] const json_t* object() const { return object_; }
    std::optional<RoomError> error;

private:
    const json_t* object_;
};

}  // namespace plugin
