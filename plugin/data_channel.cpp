// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/data_channel.h"

#include "federation/glib/loop.h"

namespace plugin {

void relay_waiting(DataOutlet& outlet, Gateway& gateway, const Handle& handle) {
    while (auto message = outlet.next(glib::now().time)) {
        janus_plugin_data told{};
        // An empty label makes Janus choose one, and it has no word for an empty protocol.
        told.label = message->label.empty() ? nullptr : message->label.data();
        told.protocol = message->protocol.empty() ? nullptr : message->protocol.data();
        told.binary = message->binary ? TRUE : FALSE;
        told.buffer = reinterpret_cast<char*>(message->bytes.data());
        told.length = static_cast<std::uint16_t>(message->bytes.size());
        gateway.relay_data(handle, told);
    }
}

void DataChannel::data(const gst::DataMessage& message) {
    // Janus counts a message's octets in 16 bits, and has no empty ones.
    if (message.bytes.empty() || message.bytes.size() > UINT16_MAX || !outlet_->open()) return;
    if (outlet_->add(message)) flush();
}

void DataChannel::ready() {
    outlet_->ready(glib::now().time);
    flush();
}

void DataChannel::flush() {
    // A flush that waits already will do, so one beyond the queue's limit may be dropped.
    line_->outbox().post_feedback(queue_, [line = line_, outlet = outlet_] {
        relay_waiting(*outlet, line->gateway(), *line->handle());
    });
}

}  // namespace plugin
