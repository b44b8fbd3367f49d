// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/json.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "dht/hex.h"
#include "dht/utf8.h"
#include "federation/glib/ptr.h"
#include "tools/options.h"

namespace tools {

namespace {

constexpr std::size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10);

struct FreeText {
    void operator()(char* text) const noexcept { std::free(text); }
};

std::string dumped(const json_t* json, std::size_t more_flags) {
    const std::unique_ptr<char, FreeText> text{json_dumps(json, flags | more_flags)};
    return text ? text.get() : "";
}

/// Control characters, and those that change the direction of writing or have no width.
bool harmless(std::string_view utf8) {
    const auto octet = [&](std::size_t i) {
        return i < utf8.size() ? static_cast<unsigned char>(utf8[i]) : 0U;
    };
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        if (octet(i) < 0x20 || octet(i) == 0x7F) return false;
        if (octet(i) == 0xC2 && octet(i + 1) < 0xA0) return false;
        if (octet(i) == 0xE2 && octet(i + 1) == 0x80 && octet(i + 2) >= 0x8B && octet(i + 2) <= 0x8F)
            return false;
        if (octet(i) == 0xE2 && octet(i + 1) == 0x80 && octet(i + 2) >= 0xA8 && octet(i + 2) <= 0xAE)
            return false;
        if (octet(i) == 0xE2 && octet(i + 1) == 0x81 && octet(i + 2) >= 0xA0) return false;
        if (octet(i) == 0xEF && octet(i + 1) == 0xBB && octet(i + 2) == 0xBF) return false;
    }
    return true;
}

dht::bencode::List list_of(const json_t& array);

dht::bencode::Dictionary dictionary_of(const json_t& object) {
    dht::bencode::Dictionary out;
    const char* key = nullptr;
    json_t* value = nullptr;
    json_object_foreach(const_cast<json_t*>(&object), key, value) {
        if (json_is_string(value)) {
            out.set(key, std::string_view{json_string_value(value), json_string_length(value)});
        } else if (json_is_integer(value)) {
            out.set(key, static_cast<std::int64_t>(json_integer_value(value)));
        } else if (json_is_array(value)) {
            out.set(key, list_of(*value));
        } else if (json_is_object(value)) {
            out.set(key, dictionary_of(*value));
        } else {
            throw UsageError{std::string{"VALUE: \""} + key +
                             "\" is not valid: strings, whole numbers, lists and objects are accepted"};
        }
    }
    return out;
}

dht::bencode::List list_of(const json_t& array) {
    dht::bencode::List out;
    for (std::size_t i = 0; i < json_array_size(&array); ++i) {
        const auto* value = json_array_get(&array, i);
        if (json_is_string(value)) {
            out.add(std::string_view{json_string_value(value), json_string_length(value)});
        } else if (json_is_integer(value)) {
            out.add(static_cast<std::int64_t>(json_integer_value(value)));
        } else if (json_is_array(value)) {
            out.add(list_of(*value));
        } else if (json_is_object(value)) {
            out.add(dictionary_of(*value));
        } else {
            throw UsageError{
                "VALUE: a list in it is not valid: strings, whole numbers, lists and objects are accepted"};
        }
    }
    return out;
}

}  // namespace

void print_json(const Json& json) {
    std::printf("%s\n", dumped(json.get(), 0).c_str());
}

Json json_of(std::string_view text) {
    if (dht::is_utf8(text)) return Json{json_stringn(text.data(), text.size())};
    return Json{json_pack("{ss}", "hex", dht::hex(dht::view(text)).c_str())};
}

Json json_of(std::chrono::microseconds time) {
    return Json{json_real(std::round(static_cast<double>(time.count()) / 10.0) / 100.0)};
}

Json json_of(const dht::bencode::Value& value) {
    if (const auto text = value.string()) return json_of(*text);
    if (const auto number = value.integer()) return Json{json_integer(*number)};
    auto elements = value.elements();
    if (value.is_list()) {
        Json out{json_array()};
        while (const auto element = elements.next())
            json_array_append_new(out.get(), json_of(*element).release());
        return out;
    }
    Json out{json_object()};
    while (const auto key = elements.next()) {
        const auto element = elements.next();
        const auto name = key->string().value_or("");
        // jansson wants keys that end at the first NUL and are UTF-8.
        const bool plain = dht::is_utf8(name) && name.find('\0') == std::string_view::npos;
        if (element)
            json_object_set_new(out.get(),
                                (plain ? std::string{name} : "0x" + dht::hex(dht::view(name))).c_str(),
                                json_of(*element).release());
    }
    return out;
}

dht::Bytes bencoded(const json_t& object) {
    return dictionary_of(object).encode();
}

Json parse_value(const std::string& text) {
    json_error_t error;
    Json value{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error)};
    if (value) return value;
    throw UsageError{std::string{"VALUE begins as a JSON "} + (text.starts_with('{') ? "object" : "list") +
                     " but is none: " + error.text + " at character " + std::to_string(error.position)};
}

dht::Bytes bencoded_value(const std::string& text) {
    if (text.starts_with('{')) return bencoded(*parse_value(text));
    if (text.starts_with('[')) return list_of(*parse_value(text)).encode();
    return std::to_string(text.size()) + ':' + text;
}

std::string compact(const Json& json) {
    auto text = dumped(json.get(), 0);
    return harmless(text) ? text : dumped(json.get(), JSON_ENSURE_ASCII);
}

std::string printable(std::string_view text) {
    if (dht::is_utf8(text) && harmless(text)) return std::string{text};
    return compact(json_of(text));
}

std::string in_words(std::chrono::microseconds time) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f ms", static_cast<double>(time.count()) / 1000.0);
    return text.data();
}

std::string in_words(dht::Date date) {
    const std::time_t seconds = date.time_since_epoch().count();
    std::tm parts{};
    std::array<char, 32> text{};
    if (!gmtime_r(&seconds, &parts)) return std::to_string(seconds);
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text.data();
}

}  // namespace tools
