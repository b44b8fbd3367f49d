// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <utility>
#include <variant>

#include "federation/reason.h"
#include "gst/feed_uri.h"
#include "plugin/json.h"

namespace plugin {

/// The error codes of janus.plugin.streaming.
enum class WatchCode {
    no_message = 450,
    invalid_json = 451,
    invalid_request = 452,
    missing_element = 453,
    invalid_element = 454,
    no_such_stream = 455,
    unauthorized = 457,
    invalid_state = 460,
    invalid_sdp = 461,
    unknown = 470,
};

/// What the client is told: Streaming's code, a sentence, and a word that programs can read.
struct WatchError {
    WatchCode code;
    std::string text;
    std::string reason;
};

namespace watch_request {

struct Watch {
    gst::FeedUri uri;
};
/// With the answer to the offer, or after a pause.
struct Start {};
struct Pause {};
struct Stop {};
using Request = std::variant<Watch, Start, Pause, Stop>;

/// Hostile input.
std::variant<Request, WatchError> parse(const json_t* message);

}  // namespace watch_request

/// Why a stream cannot be had.
WatchError watch_error(federation::Reason reason);
/// {"streaming":"event","error_code":…,"error":…,"reason":…}
Json error_of(const WatchError& error);
/// {"streaming":"event","result":{"status":STATUS}}
Json status_event(const char* status);
/// The same, with the reason for it.
Json status_event(const char* status, federation::Reason reason);

}  // namespace plugin
