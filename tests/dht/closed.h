// SPDX-License-Identifier: LGPL-2.1-or-later
/// A closed federation for tests.
#pragma once

#include <string>

#include "dht/certificate.h"
#include "dht/federation_name.h"
#include "dht/node.h"
#include "dht/revocations.h"
#include "tests/dht/samples.h"

namespace samples {

struct Closed {
    explicit Closed(std::string name = "acme") : federation{std::move(name), authority.public_key()} {}

    [[nodiscard]] dht::Bytes certificate(const dht::NodeId& member, dht::Role role = dht::Role::server,
                                         dht::Date expires = today + std::chrono::hours{24},
                                         std::uint32_t serial = 1) const {
        dht::Certificate out{.serial = serial, .role = role, .expires = expires};
        sign(out, federation.text(), member, authority);
        return encode(out);
    }

    [[nodiscard]] dht::NodeConfig config(const dht::Bytes& shown) const {
        dht::NodeConfig out;
        out.federation = federation.text();
        out.certificate = shown;
        return out;
    }

    [[nodiscard]] dht::Item revoked(std::int64_t seq, std::vector<std::uint32_t> serials) const {
        return sign(dht::Revocations{seq, std::move(serials)}, authority);
    }

    dht::Identity authority = identity(77);
    dht::FederationName federation;
};

}  // namespace samples
