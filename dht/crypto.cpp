// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/crypto.h"

#include <nettle/sha1.h>
#include <sodium.h>

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <cstring>

namespace dht {

namespace {

const unsigned char* octets(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// libsodium picks its fastest code for this processor once.
void start_sodium() {
    static const bool started = sodium_init() >= 0;
    if (!started) std::abort();  // no source of randomness: nothing may go on
}

}  // namespace

NodeId sha1(std::string_view bytes) {
    NodeId out;
    static_assert(NodeId::size == SHA1_DIGEST_SIZE);
    sha1_ctx context;
    sha1_init(&context);
    sha1_update(&context, bytes.size(), octets(bytes));
    sha1_digest(&context, out.octets.size(), out.octets.data());
    return out;
}

bool verify(const PublicKey& key, std::string_view message, const Signature& signature) {
    start_sodium();
    return crypto_sign_verify_detached(signature.data(), octets(message), message.size(), key.data()) == 0;
}

NodeId node_id_of(const PublicKey& key) {
    return sha1(text(key));
}

Identity::Identity(const Seed& seed) {
    start_sodium();
    static_assert(sizeof(secret_key_) == crypto_sign_SECRETKEYBYTES);
    crypto_sign_seed_keypair(public_key_.data(), secret_key_.data(), seed.data());
    node_id_ = node_id_of(public_key_);
}

Identity::~Identity() {
    sodium_memzero(secret_key_.data(), secret_key_.size());
}

Signature Identity::sign(std::string_view message) const {
    Signature out{};
    crypto_sign_detached(out.data(), nullptr, octets(message), message.size(), secret_key_.data());
    return out;
}

Identity::Seed Identity::seed() const {
    Seed out{};
    std::copy_n(secret_key_.begin(), out.size(), out.begin());
    return out;
}

std::uint64_t Random::number() {
    std::uint64_t out = 0;
    fill({reinterpret_cast<std::uint8_t*>(&out), sizeof out});
    return out;
}

std::uint64_t Random::below(std::uint64_t bound) {
    assert(bound >= 1);
    // Numbers under `skew` would favour small results: 2^64 is seldom a multiple of the bound.
    const std::uint64_t skew = (0 - bound) % bound;
    std::uint64_t out = number();
    while (out < skew) out = number();
    return out % bound;
}

NodeId Random::node_id() {
    NodeId out;
    fill(out.octets);
    return out;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    start_sodium();
    randombytes_buf(out.data(), out.size());
}

SeededRandom::SeededRandom(std::uint64_t seed) {
    start_sodium();
    static_assert(sizeof(key_) == crypto_stream_chacha20_KEYBYTES);
    for (std::size_t i = 0; i < sizeof seed; ++i) key_[i] = static_cast<std::uint8_t>(seed >> (8 * i));
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    std::array<std::uint8_t, crypto_stream_chacha20_NONCEBYTES> nonce{};
    for (std::size_t i = 0; i < nonce.size(); ++i) nonce[i] = static_cast<std::uint8_t>(counter_ >> (8 * i));
    ++counter_;
    crypto_stream_chacha20(out.data(), out.size(), nonce.data(), key_.data());
}

}  // namespace dht
