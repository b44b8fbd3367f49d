// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>
#include <string>

#include "plugin/janus.h"

namespace plugin {

/// The error codes of janus.plugin.videoroom.
enum class RoomCode {
    no_message = 421,
    invalid_json = 422,
    invalid_request = 423,
    join_first = 424,
    already_joined = 425,
    no_such_room = 426,
    room_exists = 427,
    no_such_feed = 428,
    missing_element = 429,
    invalid_element = 430,
    invalid_sdp_type = 431,
    publishers_full = 432,
    unauthorized = 433,
    already_published = 434,
    not_published = 435,
    id_exists = 436,
    invalid_sdp = 437,
    invalid_feed = 438,
    unknown = 499,
};

/// What the client is told: VideoRoom's code, a sentence, and a word that programs can read.
struct RoomError {
    RoomCode code;
    std::string text;
    std::string reason;
    std::shared_ptr<json_t>
        alternates{};  ///< servers that may take it instead, best first; null: none is known
};

}  // namespace plugin
