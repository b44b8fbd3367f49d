// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dht/node_id.h"
#include "federation/result.h"

namespace gst {

/// What is to be played:
///
///     viaduct://<NodeID>/<stream>                a stream of one publisher
///     viaduct:stream/<name>                      whoever publishes a stream of this name, the earliest first
///     viaduct://<NodeID>/<room>/<participant>    what somebody in a room publishes
///     viaduct:room/<room>                        the first in a room who publishes
///     viaduct:room/<room>/<participant>
///
/// Names are percent-encoded (RFC 3986), a '/' in them too. Players have no properties: behind a '?' may
/// stand bootstrap=ADDRESS:PORT (several with commas) and federation=NAME, joined by '&'.
struct FeedUri {
    std::optional<dht::NodeId> server{};
    std::string room{};
    std::string feed{};  ///< the stream's name, or the participant's; empty: any in the room
    std::string bootstrap{}, federation{};  ///< empty: as the element's properties have it

    static federation::Result<FeedUri> parse(std::string_view text);
    [[nodiscard]] std::string text() const;

    bool operator==(const FeedUri&) const = default;
};

constexpr const char* uri_scheme = "viaduct";

}  // namespace gst
