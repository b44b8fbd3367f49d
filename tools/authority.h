// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dht/crypto.h"
#include "federation/membership.h"

namespace tools {

/// What whoever runs a closed federation keeps in one folder: its key, the register of the certificates
/// that were issued, and the list of those revoked. Each change is written before it is told.
class Authority {
public:
    struct Entry {
        std::uint32_t serial = 0;
        dht::NodeId member;
        dht::Role role = dht::Role::server;
        dht::Date expires;
        bool revoked = false;
    };

    /// Makes the folder's files. Throws std::runtime_error when there is a federation already.
    static Authority found(const std::string& folder, const std::string& name);
    /// Throws std::runtime_error that says what is missing or damaged.
    static Authority open(const std::string& folder);

    [[nodiscard]] const dht::FederationName& federation() const { return federation_; }
    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] std::string key_file() const { return folder_ + "/federation.key"; }
    [[nodiscard]] std::string register_file() const { return folder_ + "/members"; }
    [[nodiscard]] std::string revocations_file() const { return folder_ + "/revoked"; }

    federation::Membership admit(const dht::NodeId& member, dht::Role role, dht::Date expires);
    /// All certificates of that node. How many there were that still counted.
    std::size_t revoke(const dht::NodeId& member, dht::Date today);
    /// The list, signed.
    [[nodiscard]] dht::Item revocations() const;

private:
    Authority(std::string folder, const dht::Identity& key) : folder_(std::move(folder)), key_(key) {}
    void write_register() const;

    std::string folder_;
    dht::Identity key_;
    dht::FederationName federation_;
    std::vector<Entry> entries_;
};

std::string word(dht::Role role);
/// Whole or not at all. Throws std::runtime_error.
void write_text(const std::string& path, const std::string& text);

}  // namespace tools
