// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/dialler.h"

#include <cstring>
#include <string>
#include <utility>

#include "federation/glib/address.h"
#include "federation/glib/tls.h"

namespace glib {

namespace {

// libsoup's defaults are a browser's: 10 connections in all, 2 to one host.
constexpr int connections_max = 4096;

using federation::Reason;

Dialler::Failure failure_of(const GError* error) {
    if (error && error->domain == G_TLS_ERROR) return {Reason::signalling_refused};
    if (error && error->domain == SOUP_WEBSOCKET_ERROR) return {Reason::protocol_error};
    return {Reason::server_unreachable,
            g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) != 0};
}

}  // namespace

struct Dialler::State {
    struct Pending {
        dht::NodeId peer;
        Ref<SoupMessage> message;
        Ref<GCancellable> cancellable;
        OnDone on_done;
        Connection accept_certificate, network_event;
    };

    Ref<GTlsCertificate> certificate;
    Ref<SoupSession> session;
    std::map<std::uint64_t, Pending> pending;

    static gboolean is_the_peer(SoupMessage*, GTlsCertificate* shown, GTlsCertificateFlags, gpointer data) {
        return node_id_of(shown) == static_cast<Pending*>(data)->peer;
    }

    static void connecting(SoupMessage*, GSocketClientEvent event, GIOStream* stream, gpointer) {
        const bool connected = event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION(stream);
        if (connected) send_at_once(G_SOCKET_CONNECTION(stream));
        if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING) name_no_ipv6_address(G_TLS_CLIENT_CONNECTION(stream));
    }

    /// GIO sends the address as the name of the server that it wants (SNI), and GnuTLS takes none with
    /// colons.
    static void name_no_ipv6_address(GTlsClientConnection* connection) {
        GSocketConnectable* const wanted = g_tls_client_connection_get_server_identity(connection);
        const char* const host = G_IS_NETWORK_ADDRESS(wanted)
                                     ? g_network_address_get_hostname(G_NETWORK_ADDRESS(wanted))
                                     : nullptr;
        if (!host || !std::strchr(host, ':')) return;
        const auto name = take_ref(g_network_address_new("viaduct", 0));  // any: the key is what counts
        g_tls_client_connection_set_server_identity(connection, name.get());
    }

    void done(std::uint64_t id, GAsyncResult* result) {
        Error error;
        const auto connection =
            take_ref(soup_session_websocket_connect_finish(session.get(), result, error.out()));
        const auto entry = pending.find(id);
        if (entry == pending.end()) return;  // cancelled: a connection that came all the same closes here
        auto dial = std::move(entry->second);
        pending.erase(entry);
        if (!connection) {
            g_debug("dial to %s: %s", dial.peer.hex().c_str(), error.message());
            return dial.on_done(nullptr, failure_of(error.get()));
        }
        // GIO asks `accept-certificate` only about certificates that its trust database does not know.
        if (node_id_of(soup_message_get_tls_peer_certificate(dial.message.get())) != dial.peer) {
            g_debug("dial to %s: another server's key", dial.peer.hex().c_str());
            return dial.on_done(nullptr, {Reason::signalling_refused});
        }
        dial.on_done(connection.get(), {});
    }
};

Dialler::Dialler(GTlsCertificate* certificate) : state_(std::make_shared<State>()) {
    state_->certificate = make_ref(certificate);
    state_->session =
        take_ref(soup_session_new_with_options("max-conns", connections_max, "max-conns-per-host",
                                               connections_max, "user-agent", "viaduct", nullptr));
    soup_session_set_proxy_resolver(state_->session.get(),
                                    nullptr);  // the environment's proxy is for browsers
    trust(nullptr);
}

Dialler::~Dialler() {
    while (!state_->pending.empty()) cancel(state_->pending.begin()->first);
    soup_session_abort(state_->session.get());
}

void Dialler::trust(GTlsDatabase* database) {
    soup_session_set_tls_database(state_->session.get(), database);
}

void Dialler::dial(std::uint64_t id, const dht::NodeId& peer, const dht::Endpoint& to, OnDone on_done) {
    const Ptr<GUri> uri{g_uri_build(G_URI_FLAGS_NONE, "wss", nullptr, to.host().c_str(), to.port,
                                    signalling_path, nullptr, nullptr)};
    auto message = take_ref(soup_message_new_from_uri(SOUP_METHOD_GET, uri.get()));
    soup_message_set_tls_client_certificate(message.get(), state_->certificate.get());
    auto& entry = state_->pending[id];
    entry = {peer, std::move(message), take_ref(g_cancellable_new()), std::move(on_done), {}, {}};
    auto* const raw = entry.message.get();
    entry.accept_certificate =
        Connection{raw, g_signal_connect(raw, "accept-certificate", G_CALLBACK(State::is_the_peer), &entry)};
    entry.network_event =
        Connection{raw, g_signal_connect(raw, "network-event", G_CALLBACK(State::connecting), nullptr)};
    soup_session_websocket_connect_async(
        state_->session.get(), raw, nullptr, const_cast<char**>(signalling_protocols), G_PRIORITY_DEFAULT,
        entry.cancellable.get(), on_ready,
        ready([weak = std::weak_ptr{state_}, id](GObject*, GAsyncResult* result) {
            if (const auto state = weak.lock()) state->done(id, result);
        }));
}

bool Dialler::cancel(std::uint64_t id) {
    const auto entry = state_->pending.find(id);
    if (entry == state_->pending.end()) return false;
    const auto cancellable = std::move(entry->second.cancellable);
    state_->pending.erase(entry);
    g_cancellable_cancel(cancellable.get());
    return true;
}

}  // namespace glib
