// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <span>

namespace gst {

/// Takes what arrives: the payloads of a link's outer stream, on a streaming thread. Called by one
/// thread at a time, except while a link is being replaced.
class PacketSink {
public:
    virtual ~PacketSink() = default;
    virtual void received(std::span<const std::uint8_t> payload) = 0;
};

}  // namespace gst
