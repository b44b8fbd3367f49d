// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <libsoup/soup.h>

#include <functional>
#include <string>
#include <string_view>

#include "federation/glib/ptr.h"
#include "federation/reason.h"

namespace glib {

/// Of the path and the WebSocket subprotocol (RFC 6455 §1.9).
constexpr const char* signalling_path = "/viaduct";
extern const char* signalling_protocols[];  ///< null-terminated, as libsoup takes them

/// An open signalling connection whose peer has proved its key: text frames both ways. libsoup knows
/// no limit to a peer's silence; `federation::Links` pings. On the loop only.
class WebSocket {
public:
    struct Callbacks {
        std::function<void(std::string_view)> received;
        /// Once, and the last. The WebSocket may be destroyed within.
        std::function<void(federation::Reason)> closed;
    };

    WebSocket(SoupWebsocketConnection* connection, Callbacks callbacks);
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    void send(const std::string& text);
    /// After what was sent. `closed` follows when the other side agrees, or after some seconds.
    void close(const std::string& why);

private:
    void on_message(SoupWebsocketDataType type, GBytes* bytes);
    void on_closed();

    Ref<SoupWebsocketConnection> connection_;
    Callbacks callbacks_;
    federation::Reason reason_ = federation::Reason::none;
    Connection message_, error_, closed_;
};

}  // namespace glib
