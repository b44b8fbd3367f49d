// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/websocket.h"

#include <utility>

#include "dht/utf8.h"
#include "federation/protocol.h"

namespace glib {

const char* signalling_protocols[] = {"viaduct", nullptr};

namespace {

/// RFC 6455 §5.5: a control frame carries at most 125 octets, two of them the code.
constexpr std::size_t close_reason_bytes_max = 123;

/// libsoup limits a frame; from 3.8 on it can also limit a message of many frames.
void limit_messages(SoupWebsocketConnection* connection) {
    soup_websocket_connection_set_max_incoming_payload_size(connection, federation::message_bytes_max);
    constexpr const char* total = "max-total-message-size";
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(connection), total)) {
        g_object_set(connection, total, static_cast<guint64>(federation::message_bytes_max), nullptr);
    }
}

}  // namespace

WebSocket::WebSocket(SoupWebsocketConnection* connection, Callbacks callbacks)
    : connection_(make_ref(connection)), callbacks_(std::move(callbacks)) {
    limit_messages(connection);
    const auto on = [&](const char* signal, GCallback handler) {
        return Connection{connection, g_signal_connect(connection, signal, handler, this)};
    };
    message_ =
        on("message", G_CALLBACK(+[](SoupWebsocketConnection*, gint type, GBytes* bytes, gpointer self) {
               static_cast<WebSocket*>(self)->on_message(static_cast<SoupWebsocketDataType>(type), bytes);
           }));
    error_ = on("error", G_CALLBACK(+[](SoupWebsocketConnection*, GError* error, gpointer self) {
                    g_debug("signalling connection: %s", error->message);
                    const bool protocol = error->domain == SOUP_WEBSOCKET_ERROR;
                    static_cast<WebSocket*>(self)->reason_ = protocol
                                                                 ? federation::Reason::protocol_error
                                                                 : federation::Reason::server_unreachable;
                }));
    closed_ = on("closed", G_CALLBACK(+[](SoupWebsocketConnection*, gpointer self) {
                     static_cast<WebSocket*>(self)->on_closed();
                 }));
}

WebSocket::~WebSocket() = default;

void WebSocket::send(const std::string& text) {
    if (soup_websocket_connection_get_state(connection_.get()) != SOUP_WEBSOCKET_STATE_OPEN) return;
    const Ptr<GBytes> bytes{g_bytes_new(text.data(), text.size())};
    soup_websocket_connection_send_message(connection_.get(), SOUP_WEBSOCKET_DATA_TEXT, bytes.get());
}

void WebSocket::close(const std::string& why) {
    if (soup_websocket_connection_get_state(connection_.get()) != SOUP_WEBSOCKET_STATE_OPEN) return;
    const bool fits = why.size() <= close_reason_bytes_max && dht::is_utf8(why);
    soup_websocket_connection_close(connection_.get(), SOUP_WEBSOCKET_CLOSE_NORMAL,
                                    fits ? why.c_str() : nullptr);
}

void WebSocket::on_message(SoupWebsocketDataType type, GBytes* bytes) {
    gsize size = 0;
    const auto* const data = static_cast<const char*>(g_bytes_get_data(bytes, &size));
    // A binary frame is handed on as what it is not, a message: refused like any other rubbish.
    const std::string_view text{data ? data : "", size};
    const auto received = callbacks_.received;  // `this` may be destroyed within
    received(type == SOUP_WEBSOCKET_DATA_TEXT ? text : std::string_view{});
}

void WebSocket::on_closed() {
    const auto closed = callbacks_.closed;  // `this` may be destroyed within
    closed(reason_ == federation::Reason::none ? federation::Reason::server_unreachable : reason_);
}

}  // namespace glib
