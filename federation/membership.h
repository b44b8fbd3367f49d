// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dht/certificate.h"
#include "dht/federation_name.h"
#include "dht/item.h"

namespace federation {

/// A certificate as its member keeps it in a file: with what goes without saying on the wire.
struct Membership {
    dht::FederationName federation;
    dht::NodeId member;
    dht::Certificate certificate;
};

/// One line of text, to be mailed or pasted. It is no secret.
std::string encode_membership(const Membership& membership);
/// Whatever a file may hold. The signature is not verified.
std::optional<Membership> decode_membership(std::string_view text);

/// Why this is not `self`'s membership of `federation` today, as a sentence that says what to do.
std::optional<std::string> objection(const Membership& membership, const dht::FederationName& federation,
                                     const dht::NodeId& self, dht::Date today);
/// Time enough to have it renewed: what there is to say about its end, if that is near.
std::optional<std::string> warning(const Membership& membership, dht::Date today);
constexpr std::chrono::days expiry_warned_before{30};

/// The federation's list of revoked certificates, likewise.
std::string encode_revocations(const dht::Item& list);
std::optional<dht::Item> decode_revocations(std::string_view text);

/// Of either file, with room to spare.
constexpr std::size_t membership_bytes_max = 4096;

}  // namespace federation
