// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "plugin/feed_stream.h"

namespace plugin {

/// The payload types of one subscriber's PeerConnection: each codec with its parameters has one, whoever
/// sends it, so that an m-line can change its source without being negotiated anew.
class PayloadTypes {
public:
    /// For what this codec is, -1 when no number is left.
    int of(const std::string& codec, const std::string& parameters);
    int of(const FeedStream& stream);

private:
    std::map<std::string, int> taken_;
};

/// One m-line as a subscriber is offered it.
struct OfferedStream {
    SdpLine::Kind kind = SdpLine::Kind::audio;
    std::string mid;
    bool active = false;
    FeedStream source;  ///< the last one, when it is not active any more
    int payload_type = -1, red = -1;
    bool transport_wide = false;  ///< its feedback is wanted
    std::string msid{};           ///< "STREAM TRACK"; empty: none is told
};

std::string subscribe_offer(const std::vector<OfferedStream>& streams, std::uint64_t session,
                            unsigned version);

}  // namespace plugin
