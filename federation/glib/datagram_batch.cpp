// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/datagram_batch.h"

#include <cstring>

namespace glib {

namespace {

constexpr std::size_t v4_begin = 12;  // RFC 4291 §2.5.5.2: ::ffff:a.b.c.d

}  // namespace

DatagramBatch::DatagramBatch(bool v6, bool tells_local)
    : v6_(v6), controls_(tells_local ? std::make_unique<std::array<Control, capacity>>() : nullptr) {
    for (std::size_t i = 0; i < capacity; ++i) {
        msghdr& header = headers_[i].msg_hdr;
        header.msg_name = &addresses_[i];
        header.msg_namelen = sizeof addresses_[i];
        header.msg_iov = &pieces_[i];
        header.msg_iovlen = 1;
        if (!controls_) continue;
        header.msg_control = (*controls_)[i].octets.data();
        header.msg_controllen = sizeof(Control);
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
    std::memcpy(&out.v4.sin_addr, endpoint.address.data() + v4_begin, sizeof out.v4.sin_addr);
    return sizeof out.v4;
}

void DatagramBatch::write_local(std::size_t index, const dht::Endpoint& local) {
    msghdr& header = headers_[index].msg_hdr;
    header.msg_controllen = 0;
    if (local.address == dht::Endpoint{}.address) return;  // the system takes one
    const std::size_t bytes = v6_ ? sizeof(in6_pktinfo) : sizeof(in_pktinfo);
    header.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* const control = CMSG_FIRSTHDR(&header);
    control->cmsg_len = CMSG_LEN(bytes);
    if (v6_) {
        control->cmsg_level = IPPROTO_IPV6;
        control->cmsg_type = IPV6_PKTINFO;
        in6_pktinfo info{};
        std::memcpy(&info.ipi6_addr, local.address.data(), sizeof info.ipi6_addr);
        std::memcpy(CMSG_DATA(control), &info, sizeof info);
    } else {
        control->cmsg_level = IPPROTO_IP;
        control->cmsg_type = IP_PKTINFO;
        in_pktinfo info{};
        std::memcpy(&info.ipi_spec_dst, local.address.data() + v4_begin, sizeof info.ipi_spec_dst);
        std::memcpy(CMSG_DATA(control), &info, sizeof info);
    }
}

dht::Endpoint DatagramBatch::at(std::size_t index) const {
    dht::Endpoint out;
    if (!controls_) return out;
    auto& header = const_cast<msghdr&>(headers_[index].msg_hdr);  // CMSG_NXTHDR changes nothing in it
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control; control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(control), sizeof info);
            // A link-local address means nothing without its link, and then the system knows which.
            if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) return out;
            std::memcpy(out.address.data(), &info.ipi6_addr, out.address.size());
        } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(control), sizeof info);
            out = dht::Endpoint::v4({}, 0);
            // Not the address in the datagram's header, which may be a broadcast's.
            std::memcpy(out.address.data() + v4_begin, &info.ipi_spec_dst, sizeof info.ipi_spec_dst);
        }
    }
    return out;
}

void DatagramBatch::add(dht::BytesView payload, const dht::Endpoint& to, const dht::Endpoint& leaves_from) {
    const auto index = size_++;
    // The kernel only reads it, whatever the type of iovec says.
    pieces_[index] = {const_cast<char*>(dht::text(payload).data()), payload.size()};
    headers_[index].msg_hdr.msg_namelen = write_address(addresses_[index], to);
    if (controls_) write_local(index, leaves_from);
}

int DatagramBatch::receive(int socket) {
    // All that the kernel has changed in the headers: what was in use, and no more, is set anew.
    for (std::size_t i = 0; i < size_; ++i) {
        headers_[i].msg_hdr.msg_namelen = sizeof addresses_[i];
        if (controls_) headers_[i].msg_hdr.msg_controllen = sizeof(Control);
    }
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
    out.address[v4_begin - 1] = out.address[v4_begin - 2] = 0xff;
    std::memcpy(out.address.data() + v4_begin, &address.v4.sin_addr, sizeof address.v4.sin_addr);
    out.port = ntohs(address.v4.sin_port);
    return out;
}

}  // namespace glib
