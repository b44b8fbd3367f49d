// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/reason.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>

namespace federation {

namespace {

struct Entry {
    std::string_view word;
    std::string_view sentence;
};

// In the order of the enumeration.
constexpr std::array entries = {
    Entry{"none", "Nothing is wrong."},
    Entry{"hangup", "The other side hung up."},
    Entry{"unknown-user", "No server of the federation has this user."},
    Entry{"busy", "The callee is in another call."},
    Entry{"declined", "The callee declined the call."},
    Entry{"timeout", "Nobody answered in time."},
    Entry{"server-unreachable", "The other server does not answer."},
    Entry{"signalling-refused", "The other server and this one could not prove their keys to each other."},
    Entry{"trunk-failed", "No media path could be made between the two servers."},
    Entry{"name-taken", "Somebody else in the federation has this name."},
    Entry{"no-record-holder", "No other server would keep the record of this name."},
    Entry{"protocol-error", "The other server sent what it may not send."},
    Entry{"too-many", "A limit of this server or the other was reached."},
    Entry{"media-lost", "The browser's own connection went away."},
    Entry{"shutting-down", "The server is stopping."},
    Entry{"invalid-name", "This cannot be the name of a user."},
    Entry{"answered-elsewhere", "The call was answered at another place where this user is registered."},
    Entry{"not-a-member", "One of the two servers is no member of this federation, or no longer."},
    Entry{"unknown-room", "No server of the federation has this room."},
    Entry{"unknown-feed", "Nobody publishes a feed or stream of this name there."},
    Entry{"room-exists", "Somebody else in the federation has a room of this name."},
    Entry{"room-destroyed", "The room was destroyed."},
    Entry{"pin-required", "The room can only be entered with its pin."},
    Entry{"wrong-pin", "This is not the pin or the secret of the room."},
    Entry{"too-many-guesses", "Too many wrong pins or secrets were tried: try again later."},
    Entry{"policy-conflict", "Two rooms have this name, and their makers or pins differ."},
    Entry{"not-in-room", "The server that asks has no members in the room."},
    Entry{"not-permitted", "This needs the secret of the room."},
    Entry{"draining", "The server takes in nobody new: it is about to stop."},
    Entry{"incompatible-codecs", "The two browsers have no encoding in common."},
    Entry{"crossed", "Both called each other at the same time: the other call goes on."},
    Entry{"direct-failed", "The two browsers could not connect to each other."},
    Entry{"clock-wrong", "The clock of this server is wrong: it finds nobody, or is not found."},
};
static_assert(entries.size() == static_cast<std::size_t>(Reason::clock_wrong) + 1);

const Entry& entry(Reason reason) {
    const auto index = static_cast<std::size_t>(reason);
    assert(index < entries.size());
    return entries[index];
}

}  // namespace

std::string_view word(Reason reason) {
    return entry(reason).word;
}

std::string_view sentence(Reason reason) {
    return entry(reason).sentence;
}

bool is_final(Reason reason) {
    // Not signalling_refused: who is about to stop, or has just been started at the address of another, may
    // be somebody else a moment later.
    switch (reason) {
        case Reason::declined:
        case Reason::not_a_member:
        case Reason::protocol_error:
        case Reason::invalid_name:
        case Reason::wrong_pin:
        case Reason::pin_required:
        case Reason::not_permitted:
        case Reason::room_destroyed:
            return true;
        default:
            return false;
    }
}

std::optional<Reason> reason_from(std::string_view word) {
    const auto* const found = std::ranges::find(entries, word, &Entry::word);
    if (found == entries.end()) return {};
    return static_cast<Reason>(found - entries.begin());
}

}  // namespace federation
