// SPDX-License-Identifier: LGPL-2.1-or-later
/// The file of saved contacts, as it may be after a crash or in somebody else's hands.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "federation/saved_contacts.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto contacts = federation::decode_contacts({reinterpret_cast<const char*>(data), size});
    if (!contacts) return 0;
    if (contacts->size() > federation::saved_contacts_max) std::abort();
    // What is read is what would be saved.
    if (federation::decode_contacts(federation::encode_contacts(*contacts)) != contacts) std::abort();
    return 0;
}
