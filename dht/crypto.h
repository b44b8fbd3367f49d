// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "dht/bytes.h"
#include "dht/node_id.h"

namespace dht {

using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;

NodeId sha1(std::string_view bytes);

/// Ed25519 (RFC 8032), by libsodium.
bool verify(const PublicKey& key, std::string_view message, const Signature& signature);

/// Who holds the key, holds the NodeID: `SHA-1(public key)`.
NodeId node_id_of(const PublicKey& key);

/// A node's key pair. Copies of the secret are wiped when it goes out of scope.
class Identity {
public:
    static constexpr std::size_t seed_size = 32;
    using Seed = std::array<std::uint8_t, seed_size>;

    /// The RFC 8032 private key is the 32-octet seed; the rest is derived from it.
    explicit Identity(const Seed& seed);
    Identity(const Identity&) = default;
    Identity& operator=(const Identity&) = default;
    ~Identity();

    [[nodiscard]] Signature sign(std::string_view message) const;
    [[nodiscard]] const PublicKey& public_key() const { return public_key_; }
    [[nodiscard]] const NodeId& node_id() const { return node_id_; }
    [[nodiscard]] Seed seed() const;

private:
    PublicKey public_key_{};
    std::array<std::uint8_t, 64> secret_key_{};
    NodeId node_id_{};
};

/// Where chance comes from: the operating system for a real node, one seed for a simulated one.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;

    [[nodiscard]] std::uint64_t number();
    /// Uniform in [0, bound); `bound` is at least 1.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
    [[nodiscard]] NodeId node_id();
};

/// libsodium's `randombytes_buf`.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::uint8_t> out) override;
};

/// Repeatable: the same seed gives the same octets for ever (ChaCha20 keyed by the seed).
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed);
    void fill(std::span<std::uint8_t> out) override;

private:
    std::array<std::uint8_t, 32> key_{};
    std::uint64_t counter_ = 0;
};

}  // namespace dht
