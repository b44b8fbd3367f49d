// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/revocations.h"

#include <algorithm>

#include "dht/bencode.h"

namespace dht {

namespace {

constexpr std::size_t serial_bytes = 4;

Bytes packed(const std::vector<std::uint32_t>& serials) {
    Bytes out;
    for (const auto serial : serials) {
        for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(serial >> shift & 255U);
    }
    return out;
}

/// Nothing unless they ascend: one list, one encoding.
std::optional<std::vector<std::uint32_t>> unpacked(std::string_view octets) {
    if (octets.size() % serial_bytes != 0 || octets.size() / serial_bytes > Revocations::serials_max) {
        return std::nullopt;
    }
    std::vector<std::uint32_t> out;
    for (std::size_t at = 0; at < octets.size(); at += serial_bytes) {
        std::uint32_t serial = 0;
        for (const char octet : octets.substr(at, serial_bytes)) {
            serial = serial << 8U | static_cast<std::uint8_t>(octet);
        }
        if (!out.empty() && serial <= out.back()) return std::nullopt;
        out.push_back(serial);
    }
    return out;
}

}  // namespace

bool Revocations::contains(std::uint32_t serial) const {
    return std::binary_search(serials.begin(), serials.end(), serial);
}

Item sign(const Revocations& revocations, const Identity& authority) {
    Item item;
    item.salt = revocations_salt;
    item.seq = revocations.seq;
    bencode::Writer{item.value}.string(packed(revocations.serials));
    sign(item, authority);
    return item;
}

std::optional<Revocations> read_revocations(const Item& item, const PublicKey& authority) {
    if (item.key != authority || item.salt != revocations_salt || !well_formed(item)) return std::nullopt;
    const auto parsed = bencode::parse(item.value);
    const auto octets = parsed ? parsed->string() : std::nullopt;
    auto serials = octets ? unpacked(*octets) : std::nullopt;
    if (!serials || !verify(item)) return std::nullopt;
    return Revocations{item.seq, *std::move(serials)};
}

Bytes encode_list(const Item& item) {
    Bytes out;
    bencode::Writer{out}
        .dictionary()
        .entry("k", text(item.key.value_or(PublicKey{})))
        .entry("q", item.seq)
        .entry("s", text(item.signature))
        .string("v")
        .raw(item.value)
        .end();
    return out;
}

std::optional<Item> decode_list(std::string_view bytes) {
    if (bytes.size() > list_bytes_max) return std::nullopt;
    const auto parsed = bencode::parse(bytes);
    if (!parsed || !parsed->is_dictionary()) return std::nullopt;
    const auto key = parsed->string("k");
    const auto seq = parsed->integer("q");
    const auto signature = parsed->string("s");
    const auto value = parsed->find("v");
    Item out;
    out.key.emplace();
    out.salt = revocations_salt;
    if (!key || key->size() != out.key->size() || !seq || *seq < 0) return std::nullopt;
    if (!signature || signature->size() != out.signature.size() || !value) return std::nullopt;
    std::copy(key->begin(), key->end(), out.key->begin());
    std::copy(signature->begin(), signature->end(), out.signature.begin());
    out.seq = *seq;
    out.value = value->encoded();
    return encode_list(out) == bytes ? std::optional{out} : std::nullopt;
}

}  // namespace dht
