// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/listener.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <list>
#include <stdexcept>
#include <string>
#include <utility>

#include "federation/glib/address.h"
#include "federation/glib/tls.h"

namespace glib {

namespace {

/// From TCP's accept to an open WebSocket: four round trips, however far, and then some.
constexpr dht::Duration handshake_timeout = std::chrono::seconds{3};
/// Those of honest servers are done in some ten milliseconds. When more come, the oldest goes first.
constexpr std::size_t pending_max = 64;
/// GIO has ten threads for such work, and dialling needs some of them.
constexpr std::ptrdiff_t shaking_max = 6;
/// GIO's default is 10: of a burst of servers the others would wait a second, for TCP's next SYN.
constexpr int backlog = 256;
/// When the process has no descriptors left, asking again at once would only burn the processor.
constexpr dht::Duration accept_again = std::chrono::milliseconds{100};

using Flags = GTlsCertificateFlags;

gboolean any_ed25519_key(GTlsConnection*, GTlsCertificate* certificate, Flags, gpointer) {
    return node_id_of(certificate).has_value();
}

}  // namespace

struct Listener::State : std::enable_shared_from_this<State> {
    enum class Stage { silent, waiting, shaking, http };

    /// A connection on its way from TCP to WebSocket.
    struct Pending {
        Ref<GSocketConnection> tcp;
        Ref<GIOStream> tls;
        Ref<GSocketAddress> remote;
        Ref<GCancellable> cancellable;
        Source first_octet;
        Connection accept_certificate;
        dht::Time since{};
        Stage stage = Stage::silent;
    };

    State(Loop& the_loop, GTlsCertificate* with, OnOpened opened)
        : loop(the_loop), certificate(make_ref(with)), on_opened(std::move(opened)) {}

    Loop& loop;
    Ref<GTlsCertificate> certificate;
    OnOpened on_opened;
    dht::Endpoint endpoint;
    Ref<GSocketListener> tcp = take_ref(g_socket_listener_new());
    Ref<SoupServer> http;
    Ref<GCancellable> cancellable = take_ref(g_cancellable_new());
    std::list<Pending> pending;  ///< oldest first
    Timer expiry{loop, [this] { expire(); }};
    Timer retry{loop, [this] { accept(); }};

    void listen(const dht::Endpoint& at) {
        Error error;
        GSocketAddress* raw = nullptr;
        g_socket_listener_set_backlog(tcp.get(), backlog);
        if (!g_socket_listener_add_address(tcp.get(), to_address(at).get(), G_SOCKET_TYPE_STREAM,
                                           G_SOCKET_PROTOCOL_TCP, nullptr, &raw, error.out())) {
            throw std::runtime_error{
                "cannot listen at TCP " + at.to_string() + ": " + error.message() +
                ". Is another server running there, or is this not an address of this machine?"};
        }
        endpoint = from_address(take_ref(raw).get()).value();
        http = take_ref(soup_server_new("server-header", "viaduct", nullptr));
        // Compressed messages could be bombs.
        soup_server_remove_websocket_extension(http.get(), SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
        // The handler of the longest matching path is asked, and no other.
        soup_server_add_early_handler(http.get(), nullptr, only_upgrades, this, nullptr);
        soup_server_add_early_handler(http.get(), signalling_path, only_upgrades, this, nullptr);
        soup_server_add_websocket_handler(http.get(), signalling_path, nullptr,
                                          const_cast<char**>(signalling_protocols), on_websocket, this,
                                          nullptr);
        accept();
    }

    /// Anything but an upgrade would only keep a server busy: a body without end, for one.
    static void only_upgrades(SoupServer*, SoupServerMessage* message, const char* path, GHashTable*,
                              gpointer data) {
        auto* const headers = soup_server_message_get_request_headers(message);
        const bool upgrade = soup_message_headers_header_contains(headers, "Upgrade", "websocket") &&
                             soup_message_headers_get_encoding(headers) == SOUP_ENCODING_NONE &&
                             std::strcmp(path, signalling_path) == 0;
        if (!upgrade) static_cast<State*>(data)->close(soup_server_message_get_remote_address(message));
    }

    static void on_websocket(SoupServer*, SoupServerMessage* message, const char*,
                             SoupWebsocketConnection* connection, gpointer data) {
        static_cast<State*>(data)->opened(soup_server_message_get_remote_address(message), connection);
    }

    void accept() {
        g_socket_listener_accept_async(
            tcp.get(), cancellable.get(), on_ready,
            ready([weak = weak_from_this()](GObject* source, GAsyncResult* result) {
                Error error;
                auto connection = take_ref(
                    g_socket_listener_accept_finish(G_SOCKET_LISTENER(source), result, nullptr, error.out()));
                if (const auto self = weak.lock()) self->accepted(std::move(connection));
            }));
    }

    void accepted(Ref<GSocketConnection> connection) {
        if (!connection) {
            if (!g_cancellable_is_cancelled(cancellable.get())) retry.arm_in(accept_again);
            return;
        }
        send_at_once(connection.get());
        await_first_octet(std::move(connection));
        accept();
    }

    /// GIO shakes hands in one of a few threads, which waits there: not for somebody who is silent.
    void await_first_octet(Ref<GSocketConnection> connection) {
        auto remote = take_ref(g_socket_connection_get_remote_address(connection.get(), nullptr));
        if (!remote) return;
        if (pending.size() >= pending_max) close(pending.begin());
        auto* const key = remote.get();
        pending.push_back({.tcp = std::move(connection),
                           .tls = {},
                           .remote = std::move(remote),
                           .cancellable = take_ref(g_cancellable_new()),
                           .first_octet = {},
                           .accept_certificate = {},
                           .since = now().time});
        if (pending.size() == 1) expiry.arm_in(handshake_timeout);
        auto& entry = pending.back();
        entry.first_octet.reset(
            g_socket_create_source(g_socket_connection_get_socket(entry.tcp.get()), G_IO_IN, nullptr));
        struct Context {
            State* state;
            GSocketAddress* remote;
        };
        const GSocketSourceFunc dispatch = [](GSocket*, GIOCondition, gpointer data) -> gboolean {
            const auto context = *static_cast<Context*>(data);
            const auto found = context.state->find(context.remote);
            if (found != context.state->pending.end()) found->stage = Stage::waiting;
            context.state->begin_handshakes();
            return G_SOURCE_REMOVE;
        };
        g_source_set_callback(
            entry.first_octet.get(), reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(dispatch)),
            new Context{this, key}, [](gpointer data) { delete static_cast<Context*>(data); });
        g_source_attach(entry.first_octet.get(), loop.context());
    }

    void begin_handshakes() {
        for (;;) {
            const auto shaking = std::ranges::count(pending, Stage::shaking, &Pending::stage);
            const auto next = std::ranges::find(pending, Stage::waiting, &Pending::stage);
            if (next == pending.end() || shaking >= shaking_max) return;
            begin_tls(next);
        }
    }

    void begin_tls(std::list<Pending>::iterator entry) {
        Error error;
        auto* const tcp_stream = G_IO_STREAM(entry->tcp.get());
        entry->tls = take_ref(g_tls_server_connection_new(tcp_stream, certificate.get(), error.out()));
        if (!entry->tls) return close(entry);
        entry->stage = Stage::shaking;
        auto* const tls = G_TLS_CONNECTION(entry->tls.get());
        g_object_set(tls, "authentication-mode", G_TLS_AUTHENTICATION_REQUIRED, nullptr);
        g_tls_connection_set_database(tls, nullptr);  // then the signal is always emitted
        entry->accept_certificate = Connection{
            tls, g_signal_connect(tls, "accept-certificate", G_CALLBACK(any_ed25519_key), nullptr)};
        g_tls_connection_handshake_async(
            tls, G_PRIORITY_DEFAULT, entry->cancellable.get(), on_ready,
            ready([weak = weak_from_this()](GObject* source, GAsyncResult* result) {
                Error failure;
                const bool shaken =
                    g_tls_connection_handshake_finish(G_TLS_CONNECTION(source), result, failure.out());
                if (!shaken) g_debug("signalling handshake: %s", failure.message());
                if (const auto self = weak.lock()) self->begin_http(G_IO_STREAM(source), shaken);
            }));
    }

    void begin_http(GIOStream* stream, bool shaken) {
        const auto entry =
            std::ranges::find_if(pending, [&](const Pending& p) { return p.tls.get() == stream; });
        if (entry != pending.end()) {  // else it took too long
            entry->stage = Stage::http;
            const auto local =
                shaken ? take_ref(g_socket_connection_get_local_address(entry->tcp.get(), nullptr)) : nullptr;
            const bool taken = local && soup_server_accept_iostream(http.get(), stream, local.get(),
                                                                    entry->remote.get(), nullptr);
            if (!taken) close(entry);
        }
        begin_handshakes();
    }

    void opened(GSocketAddress* remote, SoupWebsocketConnection* connection) {
        const auto entry = find(remote);
        if (entry == pending.end()) return;
        const auto peer =
            node_id_of(g_tls_connection_get_peer_certificate(G_TLS_CONNECTION(entry->tls.get())));
        pending.erase(entry);
        if (peer) on_opened(*peer, connection);
    }

    std::list<Pending>::iterator find(GSocketAddress* remote) {
        return std::find_if(pending.begin(), pending.end(),
                            [&](const Pending& p) { return p.remote.get() == remote; });
    }

    void close(GSocketAddress* remote) {
        if (const auto entry = find(remote); entry != pending.end()) close(entry);
    }

    /// Of the TCP connection, since TLS could wait for the peer. Not its descriptor: a thread that still
    /// shakes hands uses it, and gives it back when it is woken.
    void close(std::list<Pending>::iterator entry) {
        const auto cancellable_of_it = std::move(entry->cancellable);
        g_socket_shutdown(g_socket_connection_get_socket(entry->tcp.get()), TRUE, TRUE, nullptr);
        pending.erase(entry);
        g_cancellable_cancel(cancellable_of_it.get());
    }

    void expire() {
        const auto time = now().time;
        while (!pending.empty() && pending.front().since + handshake_timeout <= time) close(pending.begin());
        begin_handshakes();
        if (!pending.empty()) expiry.arm(pending.front().since + handshake_timeout);
    }

    void stop() {
        g_cancellable_cancel(cancellable.get());
        while (!pending.empty()) close(pending.begin());
        g_socket_listener_close(tcp.get());
        if (http) soup_server_disconnect(http.get());
    }
};

Listener::Listener(Loop& loop, const dht::Endpoint& listen, GTlsCertificate* certificate, OnOpened on_opened)
    : state_(std::make_shared<State>(loop, certificate, std::move(on_opened))) {
    state_->listen(listen);
}

Listener::~Listener() {
    state_->stop();
}

const dht::Endpoint& Listener::endpoint() const {
    return state_->endpoint;
}

std::size_t Listener::pending() const {
    return state_->pending.size();
}

}  // namespace glib
