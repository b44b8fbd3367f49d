// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/layer_map.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace plugin {

void LayerMap::describe(std::vector<SimulcastMedia> media) {
    std::map<int, Stream> streams;
    for (auto& each : media) {
        const int mindex = each.mindex;
        const auto known = streams_.find(mindex);
        if (known != streams_.end() && known->second.media == each) {
            streams[mindex] = std::move(known->second);
            continue;
        }
        Stream stream;
        for (std::size_t layer = 0; layer < std::min(each.ssrcs.size(), stream.ssrcs.size()); ++layer)
            stream.ssrcs.at(layer) = each.ssrcs[layer];
        stream.media = std::move(each);
        streams[mindex] = std::move(stream);
    }
    streams_ = std::move(streams);
}

std::optional<int> LayerMap::layer(int mindex, const RtpPacket& packet) {
    const auto found = streams_.find(mindex);
    if (found == streams_.end()) return std::nullopt;
    auto& [media, ssrcs] = found->second;
    const auto known = std::ranges::find(ssrcs, std::optional{packet.ssrc()});
    if (known != ssrcs.end()) return static_cast<int>(known - ssrcs.begin());
    const auto element = packet.extension(media.rid_extension);
    const std::string_view rid{reinterpret_cast<const char*>(element.data()), element.size()};
    const auto named = std::ranges::find(media.rids, rid);
    if (rid.empty() || named == media.rids.end()) return std::nullopt;
    const auto layer = static_cast<std::size_t>(named - media.rids.begin());
    if (layer >= ssrcs.size()) return std::nullopt;
    ssrcs.at(layer) = packet.ssrc();
    return static_cast<int>(layer);
}

}  // namespace plugin
