// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dht/bytes.h"
#include "dht/certificate.h"
#include "dht/federation_name.h"
#include "dht/record.h"
#include "dht/revocations.h"
#include "dht/time.h"

namespace dht {

/// Which federation this is, and who belongs to it. To an open one, everybody. To a closed one, who
/// shows a certificate of its key that has neither expired nor been revoked; whoever did is
/// remembered until that comes.
class Members {
public:
    /// A FederationName's text; `certificate` is our own, if it is a closed one.
    explicit Members(std::string federation, Bytes certificate = {});

    /// What enters keys, proofs and signatures.
    [[nodiscard]] const std::string& federation() const { return federation_; }
    [[nodiscard]] bool closed() const { return closed_ != nullptr; }
    /// Whose certificates count; nobody's in an open federation.
    [[nodiscard]] std::optional<PublicKey> authority() const;
    /// What we show; empty in an open federation.
    [[nodiscard]] const Bytes& certificate() const;
    /// In place of one that expires.
    void renew(Bytes certificate);

    /// Whether this certificate makes `node` a member, as `least` or more. Whoever asks has seen to it that
    /// the node holds its key, or will.
    bool admit(const NodeId& node, std::string_view certificate, Role least, Date now);
    /// Whether the publisher of this record is a server that is a member. The record's own signature is
    /// another matter.
    bool admit_publisher(const Record& record, Date now);
    /// Whether it has shown one that still counts.
    [[nodiscard]] bool knows(const NodeId& node, Role least, Date now) const;

    /// Takes a newer list. Whether it is one.
    bool revoke(const Item& list);
    /// The newest that is known.
    [[nodiscard]] const Item* revoked() const;
    [[nodiscard]] std::int64_t revoked_seq() const;

    /// Who is not known any more: expired, revoked, or forgotten to make room.
    std::vector<NodeId> take_fallen(Date now);
    /// When the next expires.
    [[nodiscard]] std::optional<Date> next_expiry() const;

private:
    /// More than are in a table and remembered as proved together. Above it, the one who expires first is
    /// forgotten, and has to prove itself anew.
    static constexpr std::size_t known_max = 65'536;

    struct Known {
        Certificate certificate;
        Bytes encoded;
    };
    using Entries = std::unordered_map<NodeId, Known>;

    struct Closed {
        PublicKey authority{};
        Bytes certificate;
        Revocations revocations;
        std::optional<Item> list;
        Entries known;
        std::set<std::pair<Date, NodeId>> expiries;
        std::vector<NodeId> fallen;
    };

    void remember(const NodeId& node, const Certificate& certificate, std::string_view encoded);
    void forget(Entries::iterator entry);

    std::string federation_;
    std::unique_ptr<Closed> closed_;  ///< of an open one there is nothing to know
};

}  // namespace dht
