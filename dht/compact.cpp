// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/compact.h"

#include <algorithm>

#include "dht/subnet.h"

namespace dht {

namespace {

constexpr std::size_t v4_address_bytes = 4;
constexpr std::size_t v6_address_bytes = 16;

Contact read_one(std::string_view in, std::size_t address_bytes) {
    const auto octets = view(in);
    const auto address = octets.subspan(NodeId::size, address_bytes);
    const auto port = octets.subspan(NodeId::size + address_bytes, 2);
    Contact out;
    std::copy_n(octets.begin(), NodeId::size, out.id.octets.begin());
    if (address_bytes == v4_address_bytes) {
        out.endpoint = Endpoint::v4({address[0], address[1], address[2], address[3]}, 0);
    } else {
        std::copy(address.begin(), address.end(), out.endpoint.address.begin());
    }
    out.endpoint.port = static_cast<std::uint16_t>(port[0] << 8 | port[1]);
    return out;
}

void read_all(std::string_view in, std::size_t address_bytes, std::size_t most, std::vector<Contact>& out) {
    const auto stride = NodeId::size + address_bytes + 2;
    if (in.size() % stride != 0) return;
    out.reserve(out.size() + std::min(most, in.size() / stride));
    for (; !in.empty() && most > 0; in.remove_prefix(stride), --most) {
        const auto contact = read_one(in, address_bytes);
        const bool disguised = address_bytes == v6_address_bytes && contact.endpoint.is_v4();
        if (!disguised && is_unicast(contact.endpoint)) out.push_back(contact);
    }
}

}  // namespace

void read_compact_v4(std::string_view in, std::size_t most, std::vector<Contact>& out) {
    read_all(in, v4_address_bytes, most, out);
}

void read_compact_v6(std::string_view in, std::size_t most, std::vector<Contact>& out) {
    read_all(in, v6_address_bytes, most, out);
}

}  // namespace dht
