// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/data_outlet.h"

namespace plugin {

bool DataOutlet::add(const gst::DataMessage& message) {
    const std::lock_guard lock{mutex_};
    if (octets_waiting_ + message.bytes.size() > waiting_max) return false;
    octets_waiting_ += message.bytes.size();
    waiting_.push_back({std::string{message.label},
                        std::string{message.protocol},
                        message.binary,
                        {message.bytes.begin(), message.bytes.end()}});
    return true;
}

void DataOutlet::ready() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    given_ = 0;
}

void DataOutlet::close() {
    const std::lock_guard lock{mutex_};
    open_ = false;
    waiting_.clear();
    octets_waiting_ = given_ = 0;
}

bool DataOutlet::open() const {
    const std::lock_guard lock{mutex_};
    return open_;
}

std::optional<DataOutlet::Message> DataOutlet::next() {
    const std::lock_guard lock{mutex_};
    if (!open_ || waiting_.empty()) return std::nullopt;
    const std::size_t size = waiting_.front().bytes.size();
    if (given_ > 0 && given_ + size > window) return std::nullopt;
    Message message = std::move(waiting_.front());
    waiting_.pop_front();
    octets_waiting_ -= size;
    given_ += size;
    return message;
}

}  // namespace plugin
