// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "dht/bytes.h"

/// Bencode (BEP 3) in its one canonical form: keys strictly ascending, no leading zeros. So a value
/// has one encoding, and a signature over the octets is a signature over the meaning.
///
///     Bytes written = bencode::Dictionary{}.set("port", 8443).set("url", url).encode();
///
///     const auto read = bencode::parse(written);          // nothing if not canonical
///     const auto url = read ? read->string("url") : std::nullopt;
namespace dht::bencode {

/// Deeper nesting has no use here, and depth costs stack.
constexpr int depth_max = 16;

class Elements;

/// One element inside octets that `parse` accepted, and valid as long as they are.
class Value {
public:
    [[nodiscard]] bool is_dictionary() const { return encoded_.front() == 'd'; }
    [[nodiscard]] bool is_list() const { return encoded_.front() == 'l'; }

    [[nodiscard]] std::optional<std::string_view> string() const;
    [[nodiscard]] std::optional<std::int64_t> integer() const;

    /// What a dictionary holds under `key`; nothing if it is no dictionary, has no such key, or
    /// holds another type there.
    [[nodiscard]] std::optional<Value> find(std::string_view key) const;
    [[nodiscard]] std::optional<std::string_view> string(std::string_view key) const;
    [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key) const;

    /// What a dictionary holds under each of these keys, which ascend: one walk for all.
    template <std::size_t N>
    [[nodiscard]] std::array<std::optional<Value>, N> find(
        const std::array<std::string_view, N>& keys) const {
        std::array<std::optional<Value>, N> out;
        find(keys, out);
        return out;
    }

    /// The elements of a list; of a dictionary, key and value in turn; of the rest, none.
    [[nodiscard]] Elements elements() const;

    /// The element's own octets.
    [[nodiscard]] std::string_view encoded() const { return encoded_; }

private:
    friend class Elements;
    friend std::optional<Value> parse(std::string_view octets);
    explicit Value(std::string_view encoded) : encoded_(encoded) {}
    void find(std::span<const std::string_view> keys, std::span<std::optional<Value>> out) const;

    std::string_view encoded_;
};

/// A walk over the elements of a container.
class Elements {
public:
    explicit Elements(std::string_view rest) : rest_(rest) {}
    std::optional<Value> next();

private:
    std::string_view rest_;
};

/// Hostile input: exactly one canonical element of any type and nothing behind it.
std::optional<Value> parse(std::string_view octets);

/// Appends elements to `out`. The caller writes keys in ascending order and closes what it opens.
class Writer {
public:
    explicit Writer(Bytes& out) : out_(out) {}

    Writer& dictionary() { return raw("d"); }
    Writer& list() { return raw("l"); }
    Writer& end() { return raw("e"); }
    Writer& string(std::string_view text);
    Writer& integer(std::int64_t number);
    /// An element, or several, that are encoded already.
    Writer& raw(std::string_view encoded);

    Writer& entry(std::string_view key, std::string_view text) { return string(key).string(text); }
    Writer& entry(std::string_view key, std::int64_t number) { return string(key).integer(number); }

private:
    Bytes& out_;
};

class Dictionary;

class List {
public:
    List& add(std::string_view text);
    List& add(std::int64_t number);
    List& add(const List& list);
    List& add(const Dictionary& dictionary);

    [[nodiscard]] Bytes encode() const { return 'l' + elements_ + 'e'; }

private:
    Bytes elements_;
};

/// Entries in whatever order suits the reader of the source; `encode` sorts them.
class Dictionary {
public:
    Dictionary& set(std::string_view key, std::string_view text);
    Dictionary& set(std::string_view key, std::int64_t number);
    Dictionary& set(std::string_view key, const List& list);
    Dictionary& set(std::string_view key, const Dictionary& dictionary);

    [[nodiscard]] Bytes encode() const;

private:
    std::map<std::string, Bytes, std::less<>> entries_;
};

}  // namespace dht::bencode
