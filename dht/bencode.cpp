// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/bencode.h"

#include <algorithm>
#include <charconv>

namespace dht::bencode {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// What stands between `i` and `e`, both consumed: no needless zeros, no plus sign.
std::optional<std::int64_t> take_integer(std::string_view& rest) {
    const auto stop = rest.substr(0, 21).find('e');  // the longest 64-bit number has 20 characters
    if (stop == 0 || stop == std::string_view::npos) return std::nullopt;
    const auto digits = rest.substr(0, stop);
    const auto magnitude = digits.substr(digits.front() == '-' ? 1 : 0);
    if (magnitude.empty() || !is_digit(magnitude.front())) return std::nullopt;
    if (magnitude.front() == '0' && digits.size() > 1) return std::nullopt;
    std::int64_t number = 0;
    const auto [last, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || last != digits.data() + digits.size()) return std::nullopt;
    rest.remove_prefix(stop + 1);
    return number;
}

/// By hand, since every datagram is little else than strings.
bool take_string(std::string_view& rest, std::string_view& text) {
    std::size_t size = 0;
    std::size_t at = 0;
    for (; at < rest.size() && is_digit(rest[at]); ++at) {
        size = size * 10 + static_cast<std::size_t>(rest[at] - '0');
        if (size > rest.size()) return false;
    }
    if (at == 0 || at == rest.size() || rest[at] != ':') return false;
    if (rest.front() == '0' && at > 1) return false;
    ++at;
    if (size > rest.size() - at) return false;
    text = {rest.data() + at, size};
    rest.remove_prefix(at + size);
    return true;
}

/// By hand, too: keys have few octets and mostly differ in the first.
int compare(std::string_view a, std::string_view b) {
    const auto shorter = std::min(a.size(), b.size());
    for (std::size_t i = 0; i < shorter; ++i) {
        if (a[i] != b[i]) return static_cast<std::uint8_t>(a[i]) < static_cast<std::uint8_t>(b[i]) ? -1 : 1;
    }
    return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

bool skip(std::string_view& rest, int depth);

bool skip_list(std::string_view& rest, int depth) {
    while (!rest.empty() && rest.front() != 'e') {
        if (!skip(rest, depth)) return false;
    }
    if (rest.empty()) return false;
    rest.remove_prefix(1);
    return true;
}

/// Takes what stands between `d` and `e`, both consumed. Tells `found` of each entry.
template <class OnEntry>
bool take_entries(std::string_view& rest, int depth, OnEntry found) {
    std::string_view previous;
    for (bool first = true; !rest.empty() && rest.front() != 'e'; first = false) {
        std::string_view key;
        if (!take_string(rest, key) || (!first && compare(previous, key) >= 0)) return false;
        previous = key;
        const auto before = rest;
        if (!skip(rest, depth)) return false;
        found(key, std::string_view{before.data(), before.size() - rest.size()});
    }
    if (rest.empty()) return false;
    rest.remove_prefix(1);
    return true;
}

/// Takes one canonical element off the front.
bool skip(std::string_view& rest, int depth) {
    if (rest.empty() || depth == 0) return false;
    const char type = rest.front();
    if (is_digit(type)) {
        std::string_view text;
        return take_string(rest, text);
    }
    rest.remove_prefix(1);
    if (type == 'i') return take_integer(rest).has_value();
    if (type == 'l') return skip_list(rest, depth - 1);
    if (type == 'd') return take_entries(rest, depth - 1, [](auto, auto) {});
    return false;
}

}  // namespace

std::optional<Value> parse(std::string_view octets) {
    auto rest = octets;
    if (!skip(rest, depth_max) || !rest.empty()) return std::nullopt;
    return Value{octets};
}

bool parse(std::string_view octets, std::span<const std::string_view> keys,
           std::span<std::optional<Value>> out) {
    if (octets.empty() || octets.front() != 'd') return false;
    auto rest = octets.substr(1);
    std::size_t at = 0;
    const bool canonical =
        take_entries(rest, depth_max - 1, [&](std::string_view key, std::string_view encoded) {
            while (at < keys.size() && compare(keys[at], key) < 0) ++at;
            if (at < keys.size() && compare(keys[at], key) == 0) out[at++] = Value{encoded};
        });
    return canonical && rest.empty();
}

std::optional<std::string_view> Value::string() const {
    auto rest = encoded_;
    std::string_view text;
    if (!take_string(rest, text)) return std::nullopt;
    return text;
}

std::optional<std::int64_t> Value::integer() const {
    if (encoded_.front() != 'i') return std::nullopt;
    auto rest = encoded_.substr(1);
    return take_integer(rest);
}

std::optional<Value> Value::find(std::string_view key) const {
    if (!is_dictionary()) return std::nullopt;
    auto entries = elements();
    while (const auto found = entries.next()) {
        const auto value = entries.next();
        if (found->string() == key) return value;
    }
    return std::nullopt;
}

std::optional<std::string_view> Value::string(std::string_view key) const {
    const auto value = find(key);
    return value ? value->string() : std::nullopt;
}

std::optional<std::int64_t> Value::integer(std::string_view key) const {
    const auto value = find(key);
    return value ? value->integer() : std::nullopt;
}

Elements Value::elements() const {
    const bool container = is_dictionary() || is_list();
    return Elements{container ? encoded_.substr(1, encoded_.size() - 2) : std::string_view{}};
}

std::optional<Value> Elements::next() {
    const auto before = rest_;
    if (!skip(rest_, depth_max)) return std::nullopt;
    return Value{before.substr(0, before.size() - rest_.size())};
}

List& List::add(std::string_view text) {
    Writer{elements_}.string(text);
    return *this;
}

List& List::add(std::int64_t number) {
    Writer{elements_}.integer(number);
    return *this;
}

List& List::add(const List& list) {
    elements_ += list.encode();
    return *this;
}

List& List::add(const Dictionary& dictionary) {
    elements_ += dictionary.encode();
    return *this;
}

Dictionary& Dictionary::set(std::string_view key, std::string_view text) {
    Bytes encoded;
    Writer{encoded}.string(text);
    entries_.insert_or_assign(std::string{key}, std::move(encoded));
    return *this;
}

Dictionary& Dictionary::set(std::string_view key, std::int64_t number) {
    Bytes encoded;
    Writer{encoded}.integer(number);
    entries_.insert_or_assign(std::string{key}, std::move(encoded));
    return *this;
}

Dictionary& Dictionary::set(std::string_view key, const List& list) {
    entries_.insert_or_assign(std::string{key}, list.encode());
    return *this;
}

Dictionary& Dictionary::set(std::string_view key, const Dictionary& dictionary) {
    entries_.insert_or_assign(std::string{key}, dictionary.encode());
    return *this;
}

Bytes Dictionary::encode() const {
    Bytes out;
    Writer writer{out};
    writer.dictionary();
    for (const auto& [key, value] : entries_) writer.string(key).raw(value);
    writer.end();
    return out;
}

}  // namespace dht::bencode
