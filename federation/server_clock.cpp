// SPDX-License-Identifier: LGPL-2.1-or-later
// Clocks that are wrong by minutes, as those who look after the servers and their users are told.
#include <string>

#include "dht/clocks.h"
#include "federation/server_state.h"

namespace federation {

namespace {

std::string how(std::chrono::seconds ahead) {
    const auto seconds = ahead.count();
    return seconds < 0 ? std::to_string(-seconds) + " s behind" : std::to_string(seconds) + " s ahead of";
}

/// What a server with a wrong clock sees of records that are there, and others of its own.
bool follows_from_clock(Reason reason) {
    return reason == Reason::unknown_user || reason == Reason::unknown_room ||
           reason == Reason::unknown_feed || reason == Reason::no_record_holder;
}

}  // namespace

void Server::State::on(const dht::ClockDiffers& clock) {
    const std::string word{federation::word(Reason::clock_wrong)};
    const std::string whose = clock.node ? "the clock of server " + clock.node->hex() : "this server's clock";
    if (clock.ahead == std::chrono::seconds{0}) return note(whose + " agrees with the others' again", true);
    if (clock.node) {
        return note(word + ": " + whose + " is " + how(clock.ahead) +
                        " this server's or most others': whoever is registered there may not be found",
                    true);
    }
    note(word + ": " + whose + " is " + how(clock.ahead) +
             " most others': users and rooms are not found, here or from elsewhere, until it is right",
         true);
}

void Server::State::blame_clock(Event& event) const {
    if (node.clocks().own_ahead() == std::chrono::seconds{0}) return;
    std::visit(
        [](auto& told) {
            if constexpr (requires { told.reason; }) {
                if (follows_from_clock(told.reason)) told.reason = Reason::clock_wrong;
            }
        },
        event);
}

}  // namespace federation
