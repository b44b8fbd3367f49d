// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "plugin/client_line.h"
#include "plugin/data_outlet.h"
#include "plugin/feed.h"

namespace plugin {

/// Gives Janus what it may have.
void relay_waiting(DataOutlet& outlet, Gateway& gateway, const Handle& handle);

/// The data channels of one subscriber's browser: what its feeds say goes there in order, as fast as Janus
/// takes it. From any thread.
class DataChannel final : public FeedSink {
public:
    explicit DataChannel(std::shared_ptr<const ClientLine> line) : line_(std::move(line)) {}

    void packet(const FeedPacket& /*packet*/) override {}
    /// Beyond what may wait, messages are left out: nobody else waits for one who is slow.
    void data(const gst::DataMessage& message) override;
    void ready();
    void close() { outlet_->close(); }

private:
    void flush();
    std::shared_ptr<const ClientLine> line_;
    std::shared_ptr<DataOutlet> outlet_ = std::make_shared<DataOutlet>();
    std::shared_ptr<Outbox::Queue> queue_ = Outbox::make_queue();  ///< keeps messages in order
};

}  // namespace plugin
