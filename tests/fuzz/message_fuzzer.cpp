// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/message.h"

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "dht/bencode.h"
#include "dht/compact.h"

namespace {

/// What was accepted can be walked whole, and its elements are found where they say they are.
void walk(const dht::bencode::Value& value) {
    if (value.is_dictionary()) {
        auto entries = value.elements();
        while (const auto key = entries.next()) {
            const auto entry = entries.next();
            const auto found = value.find(*key->string());
            if (!found || found->encoded() != entry->encoded()) std::abort();
        }
    }
    auto elements = value.elements();
    while (const auto element = elements.next()) walk(*element);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto datagram = dht::text({data, size});
    if (const auto value = dht::bencode::parse(datagram)) walk(*value);
    const auto message = dht::decode(datagram);
    if (!message) return 0;
    if (const auto* response = std::get_if<dht::Response>(&message->body)) {
        std::vector<dht::Contact> contacts;
        dht::read_compact_v4(response->nodes, 64, contacts);
        dht::read_compact_v6(response->nodes6, 64, contacts);
        if (contacts.size() > 128) std::abort();
    }
    if (const auto* query = std::get_if<dht::Query>(&message->body)) {
        const auto again = dht::encode(message->transaction, *query);
        const auto same = dht::decode(again);
        if (!same || !std::holds_alternative<dht::Query>(same->body)) std::abort();
    }
    return 0;
}
