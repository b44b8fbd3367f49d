// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <string>

#include "federation/lane.h"
#include "federation/reason.h"

namespace federation {

// What two servers say to each other about one feed that crosses between them (feed.h).

/// Of what is said about a feed: ten m-lines with their codecs, header extensions and simulcast.
constexpr std::size_t about_bytes_max = 12 * 1024;
/// Of what a subscriber wishes: mids and layers of as many.
constexpr std::size_t wish_bytes_max = 4 * 1024;

/// 128 bits of chance in 32 lower-case hexadecimal digits, made by the subscriber's server.
using SubscriptionId = std::string;

struct Subscribe {
    SubscriptionId subscription;
    std::string room;  ///< empty: a stream
    std::string feed;
    LaneId lane = 0;
    std::string wish;  ///< a JSON object, carried whole; may be empty
};
struct Subscribed {
    SubscriptionId subscription;
    std::string about;  ///< a JSON object, carried whole; may be empty
};
struct Wish {  ///< of the subscriber: another one than before
    SubscriptionId subscription;
    std::string wish;
};
struct FeedChanged {  ///< of the publisher: renegotiated
    SubscriptionId subscription;
    std::string about;
};
struct Unsubscribe {  ///< either way, and at any time
    SubscriptionId subscription;
    Reason reason = Reason::none;
};

}  // namespace federation
