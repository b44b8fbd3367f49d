// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/record.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto record = dht::decode_record({data, size});
    if (!record) return 0;
    // One record, one encoding: else copies of it would differ without anybody having lied.
    if (dht::encode(*record) != dht::text({data, size}) || !dht::well_formed(*record)) std::abort();
    dht::verify(*record, "public");
    return 0;
}
