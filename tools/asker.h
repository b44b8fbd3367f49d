// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <vector>

#include "dht/crypto.h"
#include "dht/node.h"
#include "dht/prober.h"
#include "tools/driver.h"
#include "tools/options.h"

namespace tools {

/// What a lookup takes at the most on a bad network, and joining too.
constexpr std::chrono::seconds lookup_patience{5};

/// For one run.
dht::Identity new_identity();

/// Who a command is to others.
struct Self {
    dht::Identity identity;
    dht::Bytes certificate{};  ///< of a closed federation
};
/// The member whom the options name; in an open federation without one, somebody new. Throws UsageError or
/// std::runtime_error that says what to do.
Self self_of(const Options& options);
/// Of an identity that is known. Empty in an open federation.
std::string certificate_file_of(const Options& options);
dht::Bytes certificate_of(const Options& options, const dht::Identity& identity);

using Asker = Driver<dht::Node>;
/// A read-only node that has joined: it asks, and nobody keeps it in a table. Throws
/// std::runtime_error when no node answers.
std::unique_ptr<Asker> join(const Options& options, const Self& self);

/// What went wrong when nobody has, and what to look at.
std::runtime_error nobody_answers(const Options& options);

/// Whether a socket must speak IPv6 to reach one of them; then it speaks both.
bool needs_v6(const std::vector<dht::Endpoint>& endpoints);

}  // namespace tools
