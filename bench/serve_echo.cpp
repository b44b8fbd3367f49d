// SPDX-License-Identifier: LGPL-2.1-or-later
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "bench/servers.h"

namespace bench {

namespace {

constexpr std::size_t batch = 64;
constexpr std::size_t datagram_bytes_max = 2048;

}  // namespace

void serve_echo(std::uint16_t port) {
    const int bound = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(bound, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
        throw std::system_error{errno, std::generic_category(), "bind"};
    }
    std::vector<unsigned char> room(batch * datagram_bytes_max);
    std::array<mmsghdr, batch> headers{};
    std::array<iovec, batch> pieces{};
    std::array<sockaddr_in, batch> names{};
    for (;;) {
        for (std::size_t i = 0; i < batch; ++i) {
            pieces[i] = {room.data() + i * datagram_bytes_max, datagram_bytes_max};
            headers[i].msg_hdr = {};
            headers[i].msg_hdr.msg_name = &names[i];
            headers[i].msg_hdr.msg_namelen = sizeof names[i];
            headers[i].msg_hdr.msg_iov = &pieces[i];
            headers[i].msg_hdr.msg_iovlen = 1;
        }
        const int count = recvmmsg(bound, headers.data(), batch, MSG_WAITFORONE, nullptr);
        if (count <= 0) continue;
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            const auto* size = static_cast<const unsigned char*>(pieces[i].iov_base);
            pieces[i].iov_len = static_cast<std::size_t>(size[0] << 8U | size[1]) % datagram_bytes_max;
        }
        sendmmsg(bound, headers.data(), static_cast<unsigned>(count), 0);
    }
}

}  // namespace bench
