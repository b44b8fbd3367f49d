// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/runner.h"

#include <algorithm>
#include <cassert>
#include <deque>
#include <future>
#include <map>
#include <type_traits>
#include <utility>

#include "federation/glib/address.h"
#include "federation/glib/dialler.h"
#include "federation/glib/listener.h"
#include "federation/glib/own_address.h"
#include "federation/glib/tls.h"
#include "federation/glib/udp.h"
#include "federation/glib/websocket.h"

namespace glib {

namespace {

using federation::LinkId;
using federation::Reason;

/// Then the loop looks after its other work before it reads on.
constexpr int datagrams_per_turn = 64;

// Leaving: tombstones need some round trips. It is over when nothing has moved for a moment.
constexpr dht::Duration leave_max = std::chrono::milliseconds{500};
constexpr dht::Duration leave_quiet = std::chrono::milliseconds{60};
constexpr dht::Duration leave_check = std::chrono::milliseconds{10};

void run_on(Loop& loop, const Loop::Task& task) {
    if (loop.is_current()) return task();
    loop.run(task);
}

/// Where others may reach what listens at every address.
dht::Endpoint reachable(std::uint16_t port) {
    const auto host = own_address().value_or("127.0.0.1");
    const bool v6 = host.find(':') != std::string::npos;
    return dht::Endpoint::parse((v6 ? '[' + host + ']' : host) + ':' + std::to_string(port)).value();
}

/// How long it may take until a machine's new address is noticed: others look for it for some seconds.
constexpr dht::Duration address_check = std::chrono::seconds{2};

federation::Config completed(federation::Config config, const dht::Endpoint& bound) {
    auto& signalling = config.signalling;
    if (signalling.port == 0) signalling.port = bound.port;
    if (!is_unspecified(signalling)) return config;
    const auto port = signalling.port;
    signalling = is_unspecified(bound) ? reachable(port) : bound;
    signalling.port = port;
    return config;
}

}  // namespace

struct Runner::State {
    State(Loop& the_loop, const dht::Identity& identity, const federation::Config& config,
          const Listen& listen, OnEvent told)
        : loop(the_loop),
          on_event(std::move(told)),
          certificate(make_certificate(identity)),
          udp(
              loop, listen.dht, [this] { read_datagrams(); },
              [this](const dht::Endpoint& to) { server.unreachable(to, now()); }),
          listener(loop, listen.signalling, certificate.get(),
                   [this](const dht::NodeId& peer, SoupWebsocketConnection* c) { accepted(peer, c); }),
          dialler(certificate.get()),
          server(identity, completed(config, listener.endpoint()), random),
          signalling(completed(config, listener.endpoint()).signalling) {
        const bool found_out = is_unspecified(config.signalling) && is_unspecified(listener.endpoint());
        if (found_out) address.arm_in(address_check);
        drain();
    }

    Loop& loop;
    OnEvent on_event;
    dht::SystemRandom random;
    Ref<GTlsCertificate> certificate;
    UdpSocket udp;
    Listener listener;
    Dialler dialler;
    federation::Server server;
    dht::Endpoint signalling;  ///< where others are told that we are
    std::map<LinkId, WebSocket> sockets;
    LinkId accepted_links = 0;
    std::deque<federation::Event> events;
    bool draining = false;
    dht::Time moved{};  ///< when a datagram came or went
    std::promise<void> left;
    dht::Time leave_by{};
    Timer deadline{loop, [this] {
                       server.advance(now());
                       drain();
                   }};
    Timer delivery{loop, [this] { deliver(); }};
    Timer address{loop, [this] { follow_address(); }};
    Timer leaving{loop, [this] { check_left(); }};

    /// The machine's address is told to others; when the machine has it no more, another one. While it has
    /// none, it may come back.
    void follow_address() {
        address.arm_in(address_check);
        const auto all = own_addresses();
        if (all.empty() || std::ranges::find(all, signalling.host()) != all.end()) return;
        signalling = reachable(signalling.port);
        server.move(signalling, now());
        drain();
    }

    // ---- The server's outputs

    /// Carrying out a command may change the server (a connection closes at once): the loop in
    /// progress sees to that, too.
    void drain() {
        if (std::exchange(draining, true)) return;
        for (bool more = true; more;) {
            more = false;
            bool any = false;
            for (; auto datagram = server.poll_datagram(); any = true) udp.send(std::move(*datagram));
            if (any) {
                udp.flush();
                moved = now().time;
            }
            while (auto command = server.poll_command()) {
                std::visit([this](auto& c) { carry_out(c); }, *command);
                more = true;
            }
        }
        while (auto event = server.poll_event()) events.push_back(std::move(*event));
        if (!events.empty()) delivery.arm(now().time);
        if (const auto when = server.deadline()) {
            deadline.arm(*when);
        } else {
            deadline.disarm();
        }
        draining = false;
    }

    void deliver() {
        // What the floor above changes in answer is told in a later turn of the loop.
        for (auto& event : std::exchange(events, {})) {
            if (const auto* note = std::get_if<federation::Note>(&event)) g_debug("%s", note->text.c_str());
            if (on_event) on_event(std::move(event));
        }
    }

    void carry_out(const federation::Dial& dial) {
        dialler.dial(dial.link, dial.peer, dial.to,
                     [this, link = dial.link, peer = dial.peer](SoupWebsocketConnection* connection,
                                                                Dialler::Failure failure) {
                         if (connection) return open(link, peer, connection);
                         if (failure.refused) {
                             server.link_refused(link, now());
                         } else {
                             server.link_closed(link, failure.reason, now());
                         }
                         drain();
                     });
    }

    void carry_out(const federation::Send& send) {
        if (const auto socket = sockets.find(send.link); socket != sockets.end())
            socket->second.send(send.text);
    }

    void carry_out(const federation::Close& close) {
        if (dialler.cancel(close.link)) return server.link_closed(close.link, Reason::none, now());
        if (const auto socket = sockets.find(close.link); socket != sockets.end())
            socket->second.close(close.why);
    }

    // ---- Its inputs

    void read_datagrams() {
        const auto time = now();
        for (int i = 0; i < datagrams_per_turn; ++i) {
            const auto received = udp.receive();
            if (!received) break;
            server.receive(received->payload, received->from, time, received->at);
        }
        moved = time.time;
        drain();
    }

    void accepted(const dht::NodeId& peer, SoupWebsocketConnection* connection) {
        open(federation::accepted_link_bit | ++accepted_links, peer, connection);
    }

    void open(LinkId link, const dht::NodeId& peer, SoupWebsocketConnection* connection) {
        WebSocket::Callbacks callbacks{[this, link](std::string_view text) {
                                           server.link_received(link, text, now());
                                           drain();
                                       },
                                       [this, link](Reason reason) {
                                           sockets.erase(link);
                                           server.link_closed(link, reason, now());
                                           drain();
                                       }};
        sockets.try_emplace(link, connection, std::move(callbacks));
        server.link_opened(link, peer, now());
        drain();
    }

    // ---- The end

    void leave() {
        on_event = nullptr;
        const auto time = now();
        moved = time.time;
        leave_by = time.time + leave_max;
        server.shut_down(time);
        drain();
        check_left();
    }

    void check_left() {
        const auto time = now().time;
        const bool quiet = server.node().contacts().empty() || time - moved >= leave_quiet;
        if ((sockets.empty() && quiet) || time >= leave_by) return left.set_value();
        leaving.arm_in(leave_check);
    }
};

Runner::Runner(Loop& loop, const dht::Identity& identity, federation::Config config, const Listen& listen,
               OnEvent on_event) {
    run_on(loop,
           [&] { state_ = std::make_unique<State>(loop, identity, config, listen, std::move(on_event)); });
}

Runner::~Runner() {
    auto& loop = state_->loop;
    assert(!loop.is_current());
    auto left = state_->left.get_future();
    loop.run([&] { state_->leave(); });
    left.wait();
    loop.run([&] { state_.reset(); });
}

void Runner::change(const std::function<void(federation::Server&, dht::Now)>& change) {
    assert(state_->loop.is_current());
    change(state_->server, now());
    state_->drain();
}

const federation::Server& Runner::server() const {
    return state_->server;
}

dht::Endpoint Runner::dht_endpoint() const {
    return state_->udp.endpoint();
}

dht::Endpoint Runner::signalling_endpoint() const {
    return state_->listener.endpoint();
}

}  // namespace glib
