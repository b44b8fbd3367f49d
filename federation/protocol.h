// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "dht/bytes.h"
#include "dht/item.h"
#include "federation/feed_message.h"
#include "federation/lane.h"
#include "federation/reason.h"
#include "federation/result.h"
#include "federation/room_message.h"

namespace federation {

/// Messages between two servers: one JSON object each, in one WebSocket text frame.
/// `{"v":1,"type":"invite",…}`. docs/signalling.md lists them.
constexpr int protocol_version = 1;
constexpr std::size_t message_bytes_max = 64 * 1024;  ///< an SDP of many m-lines, and room to grow
constexpr std::size_t sdp_bytes_max = 48 * 1024;      ///< of a jsep or a trunk's body: fits with all else
constexpr std::size_t text_bytes_max = 256;           ///< of what a user says on hanging up
constexpr std::size_t software_bytes_max = 64;
constexpr std::size_t trunk_bytes_max = 64;        ///< of a trunk's name, and of a kind of signal
constexpr std::size_t candidate_bytes_max = 2048;  ///< of a browser's ICE candidate; most have 200
/// Candidates of one browser for one description: one with ten interfaces and two TURN servers has half of
/// them.
constexpr std::size_t candidates_max = 100;

/// 128 bits of chance in 32 lower-case hexadecimal digits, made by the caller's server.
using CallId = std::string;
/// The first message on every connection, from both sides.
struct Hello {
    std::string software;  ///< "viaduct/0.1.0"
    std::string instance;  ///< chance made at the server's start: another one means that it forgot its calls
    dht::Bytes certificate{};  ///< in a closed federation
};
/// Before a connection is closed: why. To who is no member of a closed federation, say.
struct Refuse {
    Reason reason = Reason::not_a_member;
};
/// A closed federation's list of revoked certificates, newer than what the other is known to have.
struct Revocations {
    dht::Item list;
};
struct Invite {
    CallId call;
    std::string from;  ///< the caller's name at the sending server
    std::string to;
    LaneId lane = 0;
    std::string jsep;     ///< the browser's offer as Janus gave it: a JSON object, carried whole
    bool direct = false;  ///< it is for the other browser, not for its Janus: media goes between the two
};
struct Ringing {
    CallId call;
};
struct Accept {
    CallId call;
    std::string jsep;
    bool direct = false;
};
struct Update {  ///< renegotiation, either way
    CallId call;
    std::string jsep;
    bool direct = false;
};
/// Of a direct call: where a browser can be reached.
struct Candidate {
    CallId call;
    std::string candidate;  ///< a JSON object, carried whole; empty: there are no more
};
/// A direct call is to go through the servers. From the callee without a jsep: the caller is to offer. Then
/// the caller's offer, and the callee's answer, which before the call is accepted is the `Accept`.
struct Bridge {
    CallId call;
    std::string jsep;
};
struct Bye {  ///< declines, cancels and ends
    CallId call;
    Reason reason = Reason::hangup;
    std::string text;  ///< what the user said, if anything
};
/// The trunk's own negotiation; the floor above reads what is in it.
struct TrunkSignal {
    std::string trunk;  ///< which attempt: 64 bits of chance in hexadecimal
    std::string kind;   ///< "offer", "answer", "candidate", "close"
    std::string body;   ///< SDP or candidate
};

/// "Do you still know this call?" After a broken connection is made anew; `Bye` answers if not.
struct Check {
    CallId call;
};
/// Answered by `Pong` at once: a connection over a cut network shows nothing but silence.
struct Ping {};
struct Pong {};

using Message =
    std::variant<Hello, Refuse, Revocations, Invite, Ringing, Accept, Update, Candidate, Bridge, Bye,
                 TrunkSignal, Check, Ping, Pong, Subscribe, Subscribed, Wish, FeedChanged, Unsubscribe,
                 RoomEnter, RoomRoster, RoomLeave, RoomProof, RoomPolicyNews, RoomRequest, RoomAnswer>;

/// Whether `jsep` is a JSON object of at most `sdp_bytes_max`.
bool valid_jsep(std::string_view jsep);
/// Whether `text` is a JSON object of at most so many octets, as it will be written.
bool valid_object(std::string_view text, std::size_t bytes_max);

/// What is not valid in `message` (a jsep that is no object, text that is not UTF-8) is left out.
std::string encode(const Message& message);
/// Hostile input. An unknown type is `Error{"unknown type …"}` with `ignorable` set: log it and go on;
/// anything else wrong closes the connection.
Result<Message> decode(std::string_view text);

}  // namespace federation
