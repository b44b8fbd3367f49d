// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <charconv>
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

    /// The elements of a list; of a dictionary, key and value in turn; of the rest, none.
    [[nodiscard]] Elements elements() const;

    /// The element's own octets.
    [[nodiscard]] std::string_view encoded() const { return encoded_; }

private:
    friend class Elements;
    friend std::optional<Value> parse(std::string_view octets);
    friend bool parse(std::string_view octets, std::span<const std::string_view> keys,
                      std::span<std::optional<Value>> out);
    explicit Value(std::string_view encoded) : encoded_(encoded) {}

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
/// The same of a dictionary, and what it holds under each of these keys, which ascend, into `out`: one
/// walk for all.
bool parse(std::string_view octets, std::span<const std::string_view> keys,
           std::span<std::optional<Value>> out);

/// Appends elements to `out`. The caller writes keys in ascending order and closes what it opens.
template <class Octets>
class BasicWriter {
public:
    explicit BasicWriter(Octets& out) : out_(out) {}

    BasicWriter& dictionary() { return raw("d"); }
    BasicWriter& list() { return raw("l"); }
    BasicWriter& end() { return raw("e"); }
    BasicWriter& string(std::string_view text) {
        if (text.size() < 10) {  // as every key; of those the compiler copies what it knows
            const char size[] = {static_cast<char>('0' + text.size()), ':'};
            out_.append(size, sizeof size);
            return raw(text);
        }
        char size[20];
        char* last = std::to_chars(size, size + sizeof size - 1, text.size()).ptr;
        *last++ = ':';
        out_.append(size, static_cast<std::size_t>(last - size));
        return raw(text);
    }
    BasicWriter& integer(std::int64_t number) {
        char digits[22];
        digits[0] = 'i';
        char* last = std::to_chars(digits + 1, digits + sizeof digits - 1, number).ptr;
        *last++ = 'e';
        out_.append(digits, static_cast<std::size_t>(last - digits));
        return *this;
    }
    /// An element, or several, that are encoded already.
    BasicWriter& raw(std::string_view encoded) {
        out_.append(encoded.data(), encoded.size());
        return *this;
    }

    BasicWriter& entry(std::string_view key, std::string_view text) { return string(key).string(text); }
    BasicWriter& entry(std::string_view key, std::int64_t number) { return string(key).integer(number); }

private:
    Octets& out_;
};

using Writer = BasicWriter<Bytes>;

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
