// SPDX-License-Identifier: LGPL-2.1-or-later
// What another server can put into a frame, what anybody can put into a record's value, and what is in
// the files of a closed federation.
#include "federation/protocol.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "federation/membership.h"
#include "federation/name.h"
#include "federation/record_value.h"
#include "federation/room_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    (void)federation::UserAddress::parse(text);
    (void)federation::decode_user({data, size});
    (void)federation::decode_node({data, size});
    (void)federation::decode_stream({data, size});
    if (const auto room = federation::decode_room({data, size})) {
        (void)federation::decode_policy(dht::view(room->policy));
    }
    (void)federation::decode_policy({data, size});
    (void)federation::grants({data, size}, {}, "public", "demo", {}, {});
    (void)federation::decode_membership(text);
    (void)federation::decode_revocations(text);

    const auto message = federation::decode(text);
    if (!message) return 0;
    // What was accepted has one encoding, which is accepted again and means the same.
    const auto encoded = federation::encode(*message);
    const auto again = federation::decode(encoded);
    if (!again || federation::encode(*again) != encoded) std::abort();
    return 0;
}
