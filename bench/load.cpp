// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/load.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "bench/process.h"

namespace bench {

namespace {

constexpr std::size_t window = 64;
constexpr std::size_t datagram_bytes_max = 4096;
/// Longer than any server takes for a window of queries: what has not come by then was dropped.
constexpr int patience_ms = 250;

/// Room for a window of datagrams, for one call of the kernel.
struct Batch {
    std::array<mmsghdr, window> headers{};
    std::array<iovec, window> pieces{};

    Batch() {
        for (std::size_t i = 0; i < window; ++i) {
            headers[i].msg_hdr.msg_iov = &pieces[i];
            headers[i].msg_hdr.msg_iovlen = 1;
        }
    }
};

bool readable(int socket, int milliseconds) {
    pollfd wanted{socket, POLLIN, 0};
    return poll(&wanted, 1, milliseconds) > 0;
}

}  // namespace

Client::Client(const Target& target) : target_(target), socket_(socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(target.port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int buffer = 4 << 20;
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::system_error{errno, std::generic_category(), "connect"};
    }
}

Client::~Client() {
    close(socket_);
}

std::optional<std::string> Client::ask(std::string_view query) {
    for (int attempt = 0; attempt < 20; ++attempt) {
        char old = 0;
        while (recv(socket_, &old, 1, MSG_DONTWAIT) >= 0) {
        }
        if (send(socket_, query.data(), query.size(), 0) < 0 || !readable(socket_, patience_ms)) continue;
        std::string reply(datagram_bytes_max, '\0');
        const auto size = recv(socket_, reply.data(), reply.size(), MSG_DONTWAIT);
        if (size < 0) continue;
        reply.resize(static_cast<std::size_t>(size));
        return reply;
    }
    return std::nullopt;
}

Measured Client::load(const std::vector<std::string>& queries, double seconds, std::string_view expected) {
    return run(queries, SIZE_MAX, seconds, expected);
}

Measured Client::each_once(const std::vector<std::string>& queries, std::string_view expected) {
    return run(queries, queries.size(), 60, expected);
}

Measured Client::run(const std::vector<std::string>& queries, std::size_t most, double seconds,
                     std::string_view expected) {
    Batch sent;
    Batch received;
    std::vector<char> room(window * datagram_bytes_max);
    for (std::size_t i = 0; i < window; ++i) {
        received.pieces[i] = {room.data() + i * datagram_bytes_max, datagram_bytes_max};
    }
    Measured out;
    out.query_bytes = queries.front().size();
    std::size_t next = 0;
    std::size_t under_way = 0;
    const auto cpu = cpu_seconds(target_.process);
    const auto begun = wall_seconds();
    while (under_way > 0 || next < most) {
        std::size_t fill = 0;
        if (wall_seconds() - begun >= seconds) most = next;
        for (; fill < window - under_way && next < most; ++fill, ++next) {
            const std::string& query = queries[next % queries.size()];
            sent.pieces[fill] = {const_cast<char*>(query.data()), query.size()};
        }
        if (fill > 0 && sendmmsg(socket_, sent.headers.data(), static_cast<unsigned>(fill), 0) < 0) {
            throw std::system_error{errno, std::generic_category(), "sendmmsg"};
        }
        under_way += fill;
        if (under_way == 0) break;
        if (!readable(socket_, patience_ms)) {
            out.lost += under_way;
            under_way = 0;
            continue;
        }
        const int count = recvmmsg(socket_, received.headers.data(), window, MSG_DONTWAIT, nullptr);
        for (int i = 0; i < count; ++i) {
            const auto& header = received.headers[static_cast<std::size_t>(i)];
            const std::string_view reply{static_cast<const char*>(header.msg_hdr.msg_iov->iov_base),
                                         header.msg_len};
            // A server may ask its clients something, too; that is neither good nor bad.
            if (reply.ends_with("1:y1:qe") || reply.find("\xa1y\xa1q") != std::string_view::npos) continue;
            const bool good = reply.find(expected) != std::string_view::npos;
            ++(good ? out.good : out.bad);
            out.reply_bytes = std::max(out.reply_bytes, good ? reply.size() : 0);
            under_way -= std::min<std::size_t>(under_way, 1);
        }
    }
    out.wall = wall_seconds() - begun;
    out.cpu = cpu_seconds(target_.process) - cpu;
    return out;
}

}  // namespace bench
