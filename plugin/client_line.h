// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "plugin/gateway.h"
#include "plugin/json.h"
#include "plugin/outbox.h"

namespace plugin {

/// The way to the client of one handle, and to its browser: everything leaves by the outbox, in order. From
/// any thread.
class ClientLine {
public:
    ClientLine(Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
               std::shared_ptr<Outbox::Queue> queue)
        : gateway_(gateway), outbox_(outbox), handle_(std::move(handle)), queue_(std::move(queue)) {}

    /// `jsep` may be null.
    void push(const std::string& transaction, Json event, Json jsep = nullptr) const;
    /// To Janus's event handlers.
    void notify(Json event) const;
    void close_pc() const;
    /// What is stale soon, and dropped when too much waits.
    void send_pli(int mindex) const;
    void send_remb(std::uint32_t bits_per_second) const;
    void push_soon(Json event) const;
    /// Janus copies and queues it: not by the outbox.
    void relay_rtp(janus_plugin_rtp& packet) const { gateway_.relay_rtp(*handle_, packet); }

    [[nodiscard]] Gateway& gateway() const { return gateway_; }
    [[nodiscard]] Outbox& outbox() const { return outbox_; }
    [[nodiscard]] const std::shared_ptr<Handle>& handle() const { return handle_; }

private:
    Gateway& gateway_;
    Outbox& outbox_;
    std::shared_ptr<Handle> handle_;
    std::shared_ptr<Outbox::Queue> queue_;
};

/// {"type":TYPE,"sdp":SDP}
Json make_jsep(const char* type, const std::string& sdp);

}  // namespace plugin
