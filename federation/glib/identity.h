// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "dht/crypto.h"

namespace glib {

/// The node's key pair: read from `path`, or made and written there with mode 0600 at first start, as
/// a PEM private key that `openssl pkey` reads. A missing folder is made. Throws std::runtime_error
/// with a message that says what to do.
dht::Identity load_identity(const std::string& path);

}  // namespace glib
