// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "federation/json.h"
#include "plugin/handle.h"

namespace plugin {

/// The few things that we ask of the Janus core. Any of them may block for as long as a handle
/// negotiates (seconds), `relay_rtp` and `relay_data` excepted: call the others from an `Outbox`, never from
/// the loop or a media thread, and never under a lock.
class Gateway {
public:
    virtual ~Gateway() = default;

    /// `transaction` is empty when nobody asked; `jsep` is null when there is none. False if it did not
    /// leave.
    virtual bool push_event(const Handle& handle, const std::string& transaction, json_t* message,
                            json_t* jsep) = 0;
    /// Copies and queues; from any thread.
    virtual void relay_rtp(const Handle& handle, janus_plugin_rtp& packet) = 0;
    /// Copies and queues; from any thread.
    virtual void relay_data(const Handle& handle, janus_plugin_data& message) = 0;
    virtual void relay_rtcp(const Handle& handle, janus_plugin_rtcp& packet) = 0;
    virtual void send_pli(const Handle& handle) = 0;
    /// For the video m-line of this index, in each of its layers.
    virtual void send_pli_stream(const Handle& handle, int mindex) = 0;
    virtual void send_remb(const Handle& handle, std::uint32_t bits_per_second) = 0;
    virtual void close_pc(const Handle& handle) = 0;
    /// To Janus's event handlers, if there are any.
    virtual void notify(const Handle& handle, json_t* event) = 0;
    /// As `notify`, of what concerns no handle.
    virtual void notify(json_t* event) = 0;
    /// Whether this Janus has a secret by which it knows tokens (its `token_auth_secret`).
    [[nodiscard]] virtual bool signs_tokens() const = 0;
    /// Whether a token is signed by it, for this plugin, has not expired and names `descriptor`.
    [[nodiscard]] virtual bool is_signed(const std::string& token, const std::string& descriptor) const = 0;
};

/// The core itself.
class Core final : public Gateway {
public:
    Core(janus_callbacks* callbacks, janus_plugin* plugin, bool events)
        : callbacks_(callbacks), plugin_(plugin), events_(events) {}

    bool push_event(const Handle& handle, const std::string& transaction, json_t* message,
                    json_t* jsep) override;
    void relay_rtp(const Handle& handle, janus_plugin_rtp& packet) override;
    void relay_data(const Handle& handle, janus_plugin_data& message) override;
    void relay_rtcp(const Handle& handle, janus_plugin_rtcp& packet) override;
    void send_pli(const Handle& handle) override;
    void send_pli_stream(const Handle& handle, int mindex) override;
    void send_remb(const Handle& handle, std::uint32_t bits_per_second) override;
    void close_pc(const Handle& handle) override;
    void notify(const Handle& handle, json_t* event) override;
    void notify(json_t* event) override;
    [[nodiscard]] bool signs_tokens() const override;
    [[nodiscard]] bool is_signed(const std::string& token, const std::string& descriptor) const override;

private:
    janus_callbacks* callbacks_;
    janus_plugin* plugin_;
    bool events_;
};

}  // namespace plugin
