// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "dht/bytes.h"
#include "dht/crypto.h"

namespace federation {

/// Two servers find out whether they know the same pin, and nothing else: CPace
/// (draft-irtf-cfrg-cpace, CPACE-RISTR255-SHA512, with initiator and responder, and key confirmation). Who
/// listens learns nothing; who takes part can try one pin for each run, and no more afterwards.
///
///     initiator → share      responder → share, confirmation      initiator → confirmation
class PinProof {
public:
    using Share = std::array<std::uint8_t, 32>;
    using Confirmation = std::array<std::uint8_t, 32>;
    using Key = std::array<std::uint8_t, 64>;
    enum class Role { initiator, responder };

    /// What both must hold the same of.
    struct Terms {
        std::string pin;
        std::string channel;         ///< what for, and whose NodeIDs: CPace's CI
        std::string session;         ///< CPace's sid
        std::string initiator_data;  ///< CPace's ADa and ADb
        std::string responder_data;
    };

    PinProof(Role role, Terms terms, dht::Random& random);
    PinProof(const PinProof&) = default;
    PinProof& operator=(const PinProof&) = default;
    PinProof(PinProof&&) = default;
    PinProof& operator=(PinProof&&) = default;
    ~PinProof();

    [[nodiscard]] const Share& share() const { return share_; }
    /// The other's. False: it is no point of the group, or the neutral one.
    bool receive(const Share& other);
    /// Of a share that was received: what this side sends to prove that it came to the same key.
    [[nodiscard]] Confirmation confirmation() const;
    /// Whether that of the other side proves it.
    [[nodiscard]] bool confirmed(const Confirmation& other) const;
    /// CPace's ISK.
    [[nodiscard]] const Key& key() const { return key_; }

private:
    [[nodiscard]] Confirmation tag(const Share& share, const std::string& data) const;

    Role role_;
    Terms terms_;
    std::array<std::uint8_t, 32> scalar_{};
    Share share_{};
    Share other_{};
    Key key_{};
};

/// As many octets, or nothing.
template <std::size_t octets>
std::optional<std::array<std::uint8_t, octets>> array_of(std::string_view text) {
    std::array<std::uint8_t, octets> out{};
    if (text.size() != octets) return {};
    std::copy_n(dht::view(text).begin(), octets, out.begin());
    return out;
}

/// In a time that tells nothing but the lengths.
bool same_text(std::string_view a, std::string_view b);

/// LEB128 length and octets, of each: CPace's lv_cat.
std::string with_lengths(std::initializer_list<std::string_view> parts);

}  // namespace federation
