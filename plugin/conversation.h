// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

#include "federation/json.h"
#include "plugin/janus.h"

namespace plugin {

/// Where the media of a handle goes. From Janus, on the handle's thread.
class MediaPort {
public:
    virtual ~MediaPort() = default;
    virtual void incoming_rtp(janus_plugin_rtp& packet) = 0;
    virtual void incoming_rtcp(const janus_plugin_rtcp& packet) = 0;
    virtual void incoming_data(const janus_plugin_data& message) = 0;
    /// The browser's data channel is open, and has room.
    virtual void data_ready() = 0;
    /// The PeerConnection is gone, and its data channels with it.
    virtual void data_closed() = 0;
};

/// One of the APIs, spoken with one handle. On the loop, but for `info` and `media`.
class Conversation {
public:
    virtual ~Conversation() = default;

    virtual void handle(const std::string& transaction, const federation::Json& message,
                        const federation::Json& jsep) = 0;
    /// Whether something of this API goes on at the handle, so that the other has to wait.
    [[nodiscard]] virtual bool engaged() const = 0;
    /// The browser's PeerConnection is up.
    virtual void media_up() = 0;
    /// It is gone.
    virtual void media_gone() = 0;
    virtual void slow_link(int mindex, bool video, bool uplink) = 0;
    /// The plugin stops: no packet goes any further.
    virtual void stop_media() = 0;
    /// The handle is gone: gives everything back. Nothing is pushed afterwards.
    virtual void destroy() = 0;

    /// For handle_info; from any thread.
    [[nodiscard]] virtual federation::Json info() const = 0;
    /// From the handle's thread; as long as this object.
    virtual MediaPort& media() = 0;
};

}  // namespace plugin
