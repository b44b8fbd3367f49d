// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/websocket.h"

#include <string>

#include "federation/protocol.h"
#include "tests/federation/glib/ends.h"

namespace {

using federation::Reason;

/// Two ends that are connected.
struct Connected : Ends {
    Connected() {
        ck_assert(dial(make_identity(1).node_id()).connected);
        wait([this] { return accepted.size() == 1; });
    }
    void send(const std::string& text) {
        loop.run([&] { dialling->send(text); });
    }
};

START_TEST(messages_arrive_whole_and_in_order) {
    Connected ends;
    const std::string longest(federation::message_bytes_max, 'x');
    ends.send("one");
    ends.send(longest);
    ends.send("three");
    ends.wait([&] { return ends.received.size() == 3; });
    ck_assert(ends.received[0] == "one" && ends.received[1] == longest && ends.received[2] == "three");
}
END_TEST

START_TEST(what_was_sent_before_a_close_arrives) {
    Connected ends;
    ends.loop.run([&] {
        ends.dialling->send("last words");
        ends.dialling->close("done");
        ends.dialling->send("too late");
    });
    ends.wait([&] { return ends.closed.size() == 2; });
    ck_assert(ends.received.size() == 1 && ends.received.front() == "last words");
}
END_TEST

START_TEST(a_message_too_long_closes_the_connection) {
    Connected ends;
    ends.send(std::string(federation::message_bytes_max + 1, 'x'));
    ends.wait([&] { return !ends.closed.empty(); });
    ck_assert(ends.received.empty());
    ck_assert(ends.closed.front() == Reason::protocol_error);
}
END_TEST

START_TEST(an_end_that_is_destroyed_closes_the_other) {
    Connected ends;
    ends.loop.run([&] { ends.dialling.reset(); });
    ends.wait([&] { return ends.closed.size() == 1; });
    ck_assert(ends.closed.front() == Reason::server_unreachable);
}
END_TEST

}  // namespace

int main() {
    return run_suite("websocket",
                     {messages_arrive_whole_and_in_order, what_was_sent_before_a_close_arrives,
                      a_message_too_long_closes_the_connection, an_end_that_is_destroyed_closes_the_other});
}
