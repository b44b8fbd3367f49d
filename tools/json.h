// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <jansson.h>

#include <chrono>
#include <string>
#include <string_view>

#include "dht/bencode.h"
#include "dht/bytes.h"
#include "dht/time.h"
#include "federation/json.h"

namespace tools {

using federation::Json;

/// As other programs like to read it, on a line of its own.
void print_json(const Json& json);

/// A JSON string; of what is no UTF-8, {"hex": …}.
Json json_of(std::string_view text);
/// With two digits behind the point: what a round trip is measured to.
Json json_of(std::chrono::microseconds time);
/// Lists, dictionaries, numbers and strings are the same in both.
Json json_of(const dht::bencode::Value& value);

/// The bencoded form of an object of strings, whole numbers, lists and objects. Throws UsageError for
/// another thing.
dht::Bytes bencoded(const json_t& object);
/// What is given on the command line as an object or a list in JSON. Throws UsageError.
Json parse_value(const std::string& text);
/// A JSON object or list, or any other text as a string.
dht::Bytes bencoded_value(const std::string& text);

/// What others have sent must not move the cursor or turn the line around: what could is escaped.
std::string printable(std::string_view text);
std::string compact(const Json& json);

/// "0.31 ms"
std::string in_words(std::chrono::microseconds time);
/// RFC 3339, in UTC.
std::string in_words(dht::Date date);

}  // namespace tools
