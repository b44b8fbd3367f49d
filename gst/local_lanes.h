// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <memory>

#include "gst/trunks.h"

namespace gst {

/// Lanes between two handles of this server, so that a call within one server is like any other. A
/// packet is handed over in the sender's thread, without a copy. Data for an end that does not
/// accept it yet waits, up to data_buffered_max.
class LocalLanes {
public:
    /// The first to open a number gets one end, the second the other. Null if both are taken.
    std::shared_ptr<Lane> open(federation::LaneId lane, std::shared_ptr<LaneReceiver> receiver);
    /// Lanes with at least one end open.
    [[nodiscard]] std::size_t size();

private:
    struct Pair;
    class End;
    std::map<federation::LaneId, std::weak_ptr<Pair>> pairs_;
};

}  // namespace gst
