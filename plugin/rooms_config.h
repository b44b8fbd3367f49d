// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>

#include "plugin/room_settings.h"

namespace plugin {

/// What the configuration says of rooms.
struct RoomsConfig {
    std::string admin_key;             ///< who may create rooms; empty: everybody
    bool lock_rtp_forward = false;     ///< forwarding needs the key too
    bool string_ids = false;           ///< who joins without an id gets a text
    std::size_t members_max = 10'000;  ///< who may be in rooms here, all together
    std::map<std::string, RoomSettings> rooms;
};

}  // namespace plugin
