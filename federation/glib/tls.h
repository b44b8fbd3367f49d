// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>

#include "dht/crypto.h"
#include "dht/node_id.h"
#include "federation/glib/ptr.h"

namespace glib {

/// A self-signed certificate of the node's own Ed25519 key (RFC 8410). Nothing in it is looked at but
/// the key: the handshake proves that its bearer holds it. Throws std::runtime_error.
Ref<GTlsCertificate> make_certificate(const dht::Identity& identity);

/// Whose certificate it is; nothing unless it has an Ed25519 key. Its names, dates and signature mean
/// nothing here.
std::optional<dht::NodeId> node_id_of(GTlsCertificate* certificate);

}  // namespace glib
