// SPDX-License-Identifier: LGPL-2.1-or-later
/// What many tests begin with.
#pragma once

#include <string>
#include <string_view>

#include "dht/bencode.h"
#include "dht/contact.h"
#include "dht/crypto.h"
#include "dht/record.h"
#include "dht/time.h"
#include "tests/check.h"

namespace samples {

constexpr dht::Date today{std::chrono::seconds{1'790'000'000}};
constexpr dht::Now now{dht::Time{std::chrono::hours{1}}, today};

inline dht::Now later(dht::Duration by) {
    return {now.time + by, now.date + std::chrono::floor<std::chrono::seconds>(by)};
}

inline dht::Identity identity(std::uint64_t number) {
    dht::SeededRandom random{number};
    dht::Identity::Seed seed{};
    random.fill(seed);
    return dht::Identity{seed};
}

/// An encoded dictionary with 10 octets around the text, if that has three digits of length.
inline dht::Bytes value(std::string_view text) {
    return dht::bencode::Dictionary{}.set("xx", text).encode();
}

inline dht::Record record(const dht::Identity& publisher, std::string name, std::uint64_t seq,
                          std::string_view text = "here",
                          std::chrono::seconds lifetime = std::chrono::minutes{2}) {
    dht::Record out;
    out.kind = "user";
    out.name = std::move(name);
    out.seq = seq;
    out.expires = today + lifetime;
    out.value = value(text);
    sign(out, "public", publisher);
    return out;
}

/// A contact whose NodeID begins with these octets.
inline dht::Contact contact(std::uint8_t first, std::uint8_t second = 0, std::uint8_t host = 1) {
    dht::Contact out;
    out.id.octets[0] = first;
    out.id.octets[1] = second;
    out.endpoint = dht::Endpoint::v4({10, first, second, host}, 7000);
    return out;
}

}  // namespace samples
