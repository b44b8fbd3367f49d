// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plugin/layer_selector.h"

namespace plugin {

/// What Janus tells about one m-line of a browser that simulcasts. From the smallest picture on; it has
/// either names or SSRCs.
struct SimulcastMedia {
    int mindex = 0;
    std::vector<std::string> rids;     ///< at most `simulcast_layers`
    std::vector<std::uint32_t> ssrcs;  ///< the same
    int rid_extension = 0;             ///< of the header extension that has the name

    bool operator==(const SimulcastMedia&) const = default;
};

/// Which layer of its m-line a packet of the browser belongs to. A browser names a layer in its first packets
/// only; the SSRC is remembered.
class LayerMap {
public:
    /// Keeps what it has learnt when nothing has changed.
    void describe(std::vector<SimulcastMedia> media);
    [[nodiscard]] bool empty() const { return streams_.empty(); }
    [[nodiscard]] bool simulcasts(int mindex) const { return streams_.contains(mindex); }
    /// Nothing when it cannot be told, or the m-line does not simulcast.
    std::optional<int> layer(int mindex, const RtpPacket& packet);

private:
    struct Stream {
        SimulcastMedia media;
        std::array<std::optional<std::uint32_t>, simulcast_layers> ssrcs;
    };
    std::map<int, Stream> streams_;
};

}  // namespace plugin
