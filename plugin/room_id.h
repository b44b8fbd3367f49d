// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <jansson.h>

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace plugin {

/// What a room or somebody in it is called: a number or a text. A number and its digits are one name, told
/// as it was first given.
class Id {
public:
    /// JavaScript has no greater whole numbers.
    static constexpr std::uint64_t number_max = (std::uint64_t{1} << 53U) - 1;
    static constexpr std::size_t text_max = 64;  ///< as of every name of the federation

    Id() = default;
    explicit Id(std::uint64_t number) : text_(std::to_string(number)), number_(number) {}
    explicit Id(std::string text) : text_(std::move(text)) {}

    /// Nothing but a number of 0 to number_max, or a text of 1 to text_max octets.
    static std::optional<Id> from(const json_t* json) {
        if (json_is_integer(json) && json_integer_value(json) >= 0 &&
            static_cast<std::uint64_t>(json_integer_value(json)) <= number_max)
            return Id{static_cast<std::uint64_t>(json_integer_value(json))};
        if (!json_is_string(json) || json_string_length(json) == 0 || json_string_length(json) > text_max)
            return std::nullopt;
        return Id{std::string{json_string_value(json), json_string_length(json)}};
    }

    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] bool is_number() const { return number_.has_value(); }
    [[nodiscard]] bool empty() const { return text_.empty(); }
    /// A new reference.
    [[nodiscard]] json_t* json() const {
        if (number_) return json_integer(static_cast<json_int_t>(*number_));
        json_t* text = json_stringn(text_.data(), text_.size());
        return text ? text : json_string("?");
    }

    std::strong_ordering operator<=>(const Id& other) const { return text_ <=> other.text_; }
    bool operator==(const Id& other) const { return text_ == other.text_; }

private:
    std::string text_;
    std::optional<std::uint64_t> number_;
};

}  // namespace plugin
