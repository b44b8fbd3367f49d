// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/udp.h"

#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <utility>

#include "federation/glib/address.h"
#include "federation/glib/socket_errors.h"

namespace glib {

namespace {

/// A second of a busy node's questions while the loop does something else. The kernel may grant less.
constexpr int socket_buffer_bytes = 1024 * 1024;

[[noreturn]] void cannot(const char* what, const dht::Endpoint& at, Error& error) {
    throw std::runtime_error{std::string{"cannot "} + what + " UDP " + at.to_string() + ": " +
                             error.message() +
                             ". Is another server running there, or is this not an address of this machine?"};
}

}  // namespace

UdpSocket::UdpSocket(Loop& loop, const dht::Endpoint& bind_to, std::function<void()> on_readable,
                     OnRefused on_refused)
    : on_readable_(std::move(on_readable)),
      on_refused_(std::move(on_refused)),
      v6_(!bind_to.is_v4()),
      everywhere_(is_unspecified(bind_to)),
      outgoing_(v6_, everywhere_) {
    Error error;
    socket_ = take_ref(g_socket_new(v6_ ? G_SOCKET_FAMILY_IPV6 : G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                    G_SOCKET_PROTOCOL_UDP, error.out()));
    if (!socket_) cannot("open", bind_to, error);
    g_socket_set_blocking(socket_.get(), FALSE);
    g_socket_set_option(socket_.get(), SOL_SOCKET, SO_RCVBUF, socket_buffer_bytes, nullptr);
    g_socket_set_option(socket_.get(), SOL_SOCKET, SO_SNDBUF, socket_buffer_bytes, nullptr);
    if (everywhere_) {
        g_socket_set_option(socket_.get(), v6_ ? IPPROTO_IPV6 : IPPROTO_IP,
                            v6_ ? IPV6_RECVPKTINFO : IP_PKTINFO, 1, nullptr);
    }
    if (on_refused_) keep_errors(g_socket_get_fd(socket_.get()), v6_);
    // No SO_REUSEADDR: two servers at one port would each get half of the answers.
    if (!g_socket_bind(socket_.get(), to_address(bind_to).get(), FALSE, error.out())) {
        cannot("bind", bind_to, error);
    }
    const auto bound = take_ref(g_socket_get_local_address(socket_.get(), error.out()));
    if (!bound) cannot("bind", bind_to, error);
    endpoint_ = from_address(bound.get()).value();

    source_.reset(g_socket_create_source(socket_.get(), G_IO_IN, nullptr));
    // `on_readable` never iterates the loop. GLib need not know the socket as busy meanwhile, which costs
    // it two wake-ups of itself, each time.
    g_source_set_can_recurse(source_.get(), TRUE);
    const GSocketSourceFunc dispatch = [](GSocket*, GIOCondition condition, gpointer self) -> gboolean {
        if ((condition & G_IO_ERR) != 0) static_cast<UdpSocket*>(self)->tell_refused();
        static_cast<UdpSocket*>(self)->on_readable_();
        return G_SOURCE_CONTINUE;
    };
    g_source_set_callback(
        source_.get(), reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(dispatch)), this, nullptr);
    g_source_attach(source_.get(), loop.context());
}

thread_local std::unique_ptr<UdpSocket::Incoming> UdpSocket::spare_;

// What a socket is not told of, it finds empty.
UdpSocket::Incoming::Incoming() : batch(false, true) {
    for (std::size_t i = 0; i < DatagramBatch::capacity; ++i) {
        batch.offer(i, room.get() + i * datagram_bytes_max, datagram_bytes_max);
    }
}

std::optional<UdpSocket::Received> UdpSocket::receive() {
    for (;;) {
        while (incoming_ && taken_ < incoming_->batch.size()) {
            const auto index = taken_++;
            const auto& batch = incoming_->batch;
            if (const auto payload = batch.payload(index))
                return Received{*payload, batch.from(index), batch.at(index)};
        }
        if (!refill()) return {};
    }
}

/// As many as datagrams are taken at once: while there are more, the loop comes back.
void UdpSocket::tell_refused() {
    if (!on_refused_) return;
    for (std::size_t i = 0; i < DatagramBatch::capacity; ++i) {
        const auto endpoint = take_refused(g_socket_get_fd(socket_.get()));
        if (!endpoint) return;
        on_refused_(*endpoint);
    }
}

bool UdpSocket::refill() {
    taken_ = 0;
    if (!incoming_) incoming_ = spare_ ? std::move(spare_) : std::make_unique<Incoming>();
    // An ICMP error for something that was sent comes as a failed receive; what is behind it follows.
    for (int tries = 0; tries < 16; ++tries) {
        if (incoming_->batch.receive(g_socket_get_fd(socket_.get())) > 0) return true;
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    }
    spare_ = std::move(incoming_);  // should there be one already, it goes
    return false;
}

void UdpSocket::send(dht::Datagram datagram) {
    if (datagram.to.port == 0 || (!v6_ && !datagram.to.is_v4())) return;
    if (outgoing_.full()) flush();
    dht::Datagram& kept = queued_[outgoing_.size()] = std::move(datagram);
    outgoing_.add(dht::view(kept.payload), kept.to, kept.from);
}

void UdpSocket::flush() {
    outgoing_.send(g_socket_get_fd(socket_.get()), [&](std::size_t index) {
        g_debug("datagram to %s: %s", queued_[index].to.to_string().c_str(), g_strerror(errno));
    });
}

}  // namespace glib
