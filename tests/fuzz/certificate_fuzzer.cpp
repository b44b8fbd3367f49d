// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/certificate.h"

#include <cstdint>
#include <cstdlib>

#include "dht/base64.h"
#include "dht/federation_name.h"
#include "dht/revocations.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = dht::text({data, size});
    // One certificate, list or name, one encoding.
    const auto certificate = dht::decode_certificate(text);
    if (certificate && dht::encode(*certificate) != text) std::abort();
    const auto name = dht::FederationName::parse(text);
    if (name && name->text() != text) std::abort();
    const auto octets = dht::from_base64(text);
    if (octets && dht::to_base64(*octets) != text) std::abort();
    if (const auto list = dht::decode_list(text)) {
        if (dht::encode_list(*list) != text) std::abort();
        (void)dht::read_revocations(*list, *list->key);
    }
    return 0;
}
