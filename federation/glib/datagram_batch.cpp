// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/datagram_batch.h"

#include <cstring>

namespace glib {

namespace {

constexpr std::size_t v4_offset = 12;  // RFC 4291 §2.5.5.2: ::ffff:a.b.c.d

}  // namespace

DatagramBatch::DatagramBatch(bool v6) : v6_(v6) {
    for (std::size_t i = 0; i < capacity; ++i) {
        msghdr& header = headers_[i].msg_hdr;
        header.msg_name = &addresses_[i];
        header.msg_namelen = sizeof addresses_[i];
        header.msg_iov = &pieces_[i];
        header.msg_iovlen = 1;
    }
}

socklen_t DatagramBatch::write_address(Address& out, const dht::Endpoint& endpoint) const {
    if (v6_) {
        out.v6 = {};
        out.v6.sin6_family = AF_INET6;
        out.v6.sin6_port = htons(endpoint.port);
        std::memcpy(&out.v6.sin6_addr, endpoint.address.data(), endpoint.address.size());
        return sizeof out.v6;
    }
    out.v4 = {};
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(endpoint.port);
    std::memcpy(&out.v4.sin_addr, endpoint.address.data() + v4_offset, sizeof out.v4.sin_addr);
    return sizeof out.v4;
}

void DatagramBatch::add(dht::BytesView payload, const dht::Endpoint& to) {
    const auto index = size_++;
    // The kernel only reads it, whatever the type of iovec says.
    pieces_[index] = {const_cast<char*>(dht::text(payload).data()), payload.size()};
    headers_[index].msg_hdr.msg_namelen = write_address(addresses_[index], to);
}

int DatagramBatch::receive(int socket) {
    // All that the kernel has changed in the headers: what was in use, and no more, is set anew.
    for (std::size_t i = 0; i < size_; ++i) headers_[i].msg_hdr.msg_namelen = sizeof addresses_[i];
    const int count = recvmmsg(socket, headers_.data(), capacity, MSG_DONTWAIT, nullptr);
    size_ = count > 0 ? static_cast<std::size_t>(count) : 0;
    return count;
}

std::optional<dht::BytesView> DatagramBatch::payload(std::size_t index) const {
    const mmsghdr& header = headers_[index];
    if ((header.msg_hdr.msg_flags & MSG_TRUNC) != 0) return std::nullopt;
    return dht::view({static_cast<const char*>(pieces_[index].iov_base), header.msg_len});
}

dht::Endpoint DatagramBatch::from(std::size_t index) const {
    const Address& address = addresses_[index];
    dht::Endpoint out;
    if (address.any.sa_family == AF_INET6) {
        std::memcpy(out.address.data(), &address.v6.sin6_addr, out.address.size());
        out.port = ntohs(address.v6.sin6_port);
        return out;
    }
    out.address[v4_offset - 1] = out.address[v4_offset - 2] = 0xff;
    std::memcpy(out.address.data() + v4_offset, &address.v4.sin_addr, sizeof address.v4.sin_addr);
    out.port = ntohs(address.v4.sin_port);
    return out;
}

}  // namespace glib
