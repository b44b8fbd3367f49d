// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string_view>

namespace federation {

/// Why something did not come about, or ended. One word each, the same in the API, the log and the
/// messages between servers.
enum class Reason {
    none,
    hangup,               ///< somebody hung up
    unknown_user,         ///< no server of the federation has this user
    busy,                 ///< the callee is in another call
    declined,             ///< the callee does not want to
    timeout,              ///< nobody answered in time
    server_unreachable,   ///< the callee's server does not answer, or died
    signalling_refused,   ///< the other server could not prove its key, or refused ours
    trunk_failed,         ///< no media path between the servers
    name_taken,           ///< somebody else in the federation has this name
    no_record_holder,     ///< no other node kept the record (only where there are others)
    protocol_error,       ///< the other server sent what it may not send
    too_many,             ///< a limit was reached
    media_lost,           ///< the browser's own connection went away
    shutting_down,        ///< this server stops
    invalid_name,         ///< no name that a user could have
    answered_elsewhere,   ///< another of the callee's places took the call
    not_a_member,         ///< of a closed federation: one of the two servers has no certificate that counts
    unknown_room,         ///< no server of the federation has this room, or not the one that was asked
    unknown_feed,         ///< nobody offers this stream, or publishes under this id in this room
    room_exists,          ///< somebody else in the federation has a room of this name
    room_destroyed,       ///< by who made it
    pin_required,         ///< the room has one
    wrong_pin,            ///< the pin or secret is not the room's
    too_many_guesses,     ///< too many wrong pins or secrets: to be tried again later
    policy_conflict,      ///< two rooms of one name, and neither may be taken for the other
    not_in_room,          ///< whoever asks has no members in the room
    not_permitted,        ///< what was asked for needs the room's secret
    draining,             ///< this server takes nobody in any more
    incompatible_codecs,  ///< the two browsers have no encoding in common
    crossed,              ///< each called the other; the other call goes on
    direct_failed,        ///< the browsers could not connect, nor was the call bridged
    clock_wrong,          ///< this server's clock is: it finds nothing, or nobody keeps its records
};

/// "unknown-user"
std::string_view word(Reason reason);
/// One sentence for people.
std::string_view sentence(Reason reason);
/// Whether it would be for nothing to ask once more.
bool is_final(Reason reason);
/// Nothing if it is no word of ours.
std::optional<Reason> reason_from(std::string_view word);

}  // namespace federation
