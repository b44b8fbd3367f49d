// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/name.h"

#include <cstdint>

#include "dht/utf8.h"

namespace federation {

namespace {

/// The code point that well-formed UTF-8 begins with, taken off it.
std::uint32_t take_code_point(std::string_view& text) {
    const auto first = static_cast<std::uint8_t>(text.front());
    const int length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t point = length == 1 ? first : first & (0x7FU >> static_cast<unsigned>(length));
    text.remove_prefix(1);
    for (int i = 1; i < length; ++i) {
        point = point << 6U | (static_cast<std::uint8_t>(text.front()) & 0x3FU);
        text.remove_prefix(1);
    }
    return point;
}

bool readable(std::uint32_t point) {
    const auto in = [point](std::uint32_t low, std::uint32_t high) { return point >= low && point <= high; };
    const bool control = in(0x00, 0x1F) || in(0x7F, 0x9F);
    const bool direction = in(0x200B, 0x200F) || in(0x2028, 0x202E) || in(0x2060, 0x206F) || point == 0xFEFF;
    const bool no_character = (point & 0xFFFEU) == 0xFFFE || in(0xFDD0, 0xFDEF) || in(0xE000, 0xF8FF);
    return !control && !direction && !no_character;
}

bool presentable(std::string_view name) {
    if (name.empty() || name.size() > user_bytes_max) return false;
    if (name.front() == ' ' || name.back() == ' ') return false;
    if (!dht::is_utf8(name)) return false;
    while (!name.empty()) {
        if (!readable(take_code_point(name))) return false;
    }
    return true;
}

}  // namespace

bool valid_user(std::string_view name) {
    return presentable(name) && name.find('@') == std::string_view::npos;
}

bool valid_label(std::string_view name) {
    return presentable(name);
}

std::optional<UserAddress> UserAddress::parse(std::string_view text) {
    const auto at = text.find('@');
    UserAddress address{std::string{text.substr(0, at)}, {}};
    if (!valid_user(address.user)) return {};
    if (at == std::string_view::npos) return address;
    address.server = dht::NodeId::from_hex(text.substr(at + 1));
    if (!address.server) return {};
    return address;
}

}  // namespace federation
