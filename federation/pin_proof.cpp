// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/pin_proof.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace federation {

namespace {

constexpr std::string_view domain = "CPaceRistretto255";
constexpr std::string_view key_domain = "CPaceRistretto255_ISK";
constexpr std::string_view tag_domain = "CPaceMac";
constexpr std::size_t block_bytes = 128;  ///< of SHA-512's input

using Digest = std::array<std::uint8_t, 64>;

Digest sha512(std::string_view octets) {
    Digest out{};
    crypto_hash_sha512(out.data(), dht::view(octets).data(), octets.size());
    return out;
}

std::string length_of(std::size_t length) {
    std::string out;
    for (; length >= 0x80; length >>= 7U) out.push_back(static_cast<char>((length & 0x7FU) | 0x80U));
    out.push_back(static_cast<char>(length));
    return out;
}

/// The pin fills the hash's first block with the padding, so that what follows tells nothing about it.
PinProof::Share generator(const PinProof::Terms& terms) {
    const auto used = 1 + length_of(terms.pin.size()).size() + terms.pin.size() +
                      length_of(domain.size()).size() + domain.size();
    const std::string padding(used < block_bytes ? block_bytes - used : 0, '\0');
    const auto digest = sha512(with_lengths({domain, terms.pin, padding, terms.channel, terms.session}));
    PinProof::Share out{};
    crypto_core_ristretto255_from_hash(out.data(), digest.data());
    return out;
}

}  // namespace

bool same_text(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string with_lengths(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const auto part : parts) out.append(length_of(part.size())).append(part);
    return out;
}

PinProof::PinProof(Role role, Terms terms, dht::Random& random) : role_(role), terms_(std::move(terms)) {
    random.fill(scalar_);
    scalar_.back() &= 0x0FU;  // 252 bits: near enough to uniform below the group's order
    const auto base = generator(terms_);
    // It fails for the neutral element only: a share of zeros, which the other side refuses.
    if (crypto_scalarmult_ristretto255(share_.data(), scalar_.data(), base.data()) != 0) share_ = {};
}

PinProof::~PinProof() {
    sodium_memzero(scalar_.data(), scalar_.size());
    sodium_memzero(key_.data(), key_.size());
    sodium_memzero(terms_.pin.data(), terms_.pin.size());
}

bool PinProof::receive(const Share& other) {
    Share secret{};
    if (crypto_scalarmult_ristretto255(secret.data(), scalar_.data(), other.data()) != 0) return false;
    other_ = other;
    const bool initiator = role_ == Role::initiator;
    const auto& first = initiator ? share_ : other_;
    const auto& second = initiator ? other_ : share_;
    auto text = with_lengths({key_domain, terms_.session, dht::text(secret)});
    text += with_lengths({dht::text(first), terms_.initiator_data});
    text += with_lengths({dht::text(second), terms_.responder_data});
    key_ = sha512(text);
    sodium_memzero(secret.data(), secret.size());
    sodium_memzero(text.data(), text.size());
    return true;
}

PinProof::Confirmation PinProof::confirmation() const {
    return tag(share_, role_ == Role::initiator ? terms_.initiator_data : terms_.responder_data);
}

bool PinProof::confirmed(const Confirmation& other) const {
    const auto right = tag(other_, role_ == Role::initiator ? terms_.responder_data : terms_.initiator_data);
    return sodium_memcmp(right.data(), other.data(), right.size()) == 0;
}

PinProof::Confirmation PinProof::tag(const Share& share, const std::string& data) const {
    const auto key = sha512(std::string{tag_domain} + terms_.session + std::string{dht::text(key_)});
    crypto_auth_hmacsha512_state state;
    crypto_auth_hmacsha512_init(&state, key.data(), key.size());
    const auto said = with_lengths({dht::text(share), data});
    crypto_auth_hmacsha512_update(&state, dht::view(said).data(), said.size());
    Digest digest{};
    crypto_auth_hmacsha512_final(&state, digest.data());
    Confirmation out{};
    std::copy_n(digest.begin(), out.size(), out.begin());
    return out;
}

}  // namespace federation
