// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>

#include "dht/time.h"

namespace federation::room_times {

// How long a room waits for what, and how often it tries.

/// Between looks into the DHT, so that the halves of a network that meet again find each other soon; a room
/// of many servers is told by the first that does. One lookup costs some dozens of datagrams.
constexpr dht::Duration look_min = std::chrono::seconds{10};
constexpr dht::Duration look_spread = std::chrono::seconds{5};
/// Of servers that are gone: a dial is one packet, and who is back is wanted soon.
constexpr dht::Duration retry_min = std::chrono::milliseconds{250};
constexpr dht::Duration retry_max = std::chrono::seconds{3};
/// Of one that was turned away, or that turned us away: it will hardly have thought better of it.
constexpr dht::Duration retry_refused = std::chrono::seconds{60};

/// Each room that one peer is told of is some three messages, and there are others.
constexpr double messages_per_greeting = 5;
constexpr dht::Duration greeting_delay = std::chrono::milliseconds{100};
/// For an answer, and for the pin to be proved: whoever is silent holds no place.
constexpr dht::Duration greeting_timeout = std::chrono::seconds{5};

/// Within what somebody waits who has given a pin: to be found, reached and asked.
constexpr dht::Duration proof_time = std::chrono::seconds{1};

}  // namespace federation::room_times
