// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/data_outlet.h"

#include <algorithm>

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

void DataOutlet::ready(dht::Time now) {
    const std::lock_guard lock{mutex_};
    open_ = true;
    const auto took = now - given_at_;
    // One that was not used up says nothing of the path.
    if (2 * given_ > window_ && took > slow) window_ = std::min(2 * window_, window_max);
    if (2 * given_ > window_ && took < quick) window_ = std::max(window_ / 2, window_min);
    given_ = 0;
}

void DataOutlet::close() {
    const std::lock_guard lock{mutex_};
    open_ = false;
    waiting_.clear();
    octets_waiting_ = given_ = 0;
    window_ = window_min;
}

bool DataOutlet::open() const {
    const std::lock_guard lock{mutex_};
    return open_;
}

std::optional<DataOutlet::Message> DataOutlet::next(dht::Time now) {
    const std::lock_guard lock{mutex_};
    if (!open_ || waiting_.empty()) return std::nullopt;
    const std::size_t size = waiting_.front().bytes.size();
    if (given_ > 0 && given_ + size > window_) return std::nullopt;
    if (given_ == 0) given_at_ = now;
    Message message = std::move(waiting_.front());
    waiting_.pop_front();
    octets_waiting_ -= size;
    given_ += size;
    return message;
}

}  // namespace plugin
