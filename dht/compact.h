// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "dht/bytes.h"
#include "dht/contact.h"

namespace dht {

/// "Compact node info" of BEP 5 (IPv4) and BEP 32 (IPv6): NodeID, address and port, end to end.
constexpr std::size_t compact_v4_bytes = 26;
constexpr std::size_t compact_v6_bytes = 38;

/// In the form that the contact's own address asks for.
template <class Octets>
void append_compact(Octets& out, const Contact& contact) {
    const auto& [address, port] = contact.endpoint;
    out.append(contact.id.bytes());
    if (contact.endpoint.is_v4()) {
        out.append(text(BytesView{address}.subspan<Endpoint::v4_prefix.size()>()));
    } else {
        out.append(text(address));
    }
    const char big_endian[] = {static_cast<char>(port >> 8U), static_cast<char>(port & 0xffU)};
    out.append(big_endian, sizeof big_endian);
}

/// Hostile input: appends at most `most` contacts that can be asked at all. A length that is no
/// multiple gives none.
void read_compact_v4(std::string_view in, std::size_t most, std::vector<Contact>& out);
void read_compact_v6(std::string_view in, std::size_t most, std::vector<Contact>& out);

}  // namespace dht
