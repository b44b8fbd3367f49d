// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/peers.h"

#include "tests/dht/samples.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::contact;

namespace {

const auto now = samples::now.time;
const Endpoint here = contact(1).endpoint;

Endpoint numbered(std::size_t number) {
    return Endpoint::v4({10, 9, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
                        7000);
}

}  // namespace

START_TEST(the_timeout_follows_the_round_trips) {
    SeededRandom random{1};
    Peers peers{random};
    ck_assert(peers.timeout(here) == Peers::unknown_timeout);
    for (int i = 0; i < 50; ++i) peers.measured(here, 100ms, now);
    ck_assert(peers.timeout(here) >= 100ms && peers.timeout(here) < 110ms);
    peers.measured(here, 300ms, now);  // now that it varies, more is granted than its mean
    ck_assert(peers.timeout(here) > 300ms);
}
END_TEST

START_TEST(the_timeout_is_kept_within_bounds) {
    SeededRandom random{1};
    Peers peers{random};
    for (int i = 0; i < 50; ++i) peers.measured(here, 1us, now);
    ck_assert(peers.timeout(here) == Peers::timeout_min);
    for (int i = 0; i < 50; ++i) peers.measured(here, 1min, now);
    ck_assert(peers.timeout(here) == Peers::timeout_max);
}
END_TEST

START_TEST(a_peer_is_slow_before_it_is_late) {
    SeededRandom random{1};
    Peers peers{random};
    ck_assert(peers.slow(here) == Peers::unknown_slow && peers.usual(here) == Peers::slow_min);
    peers.measured(here, 1us, now);
    ck_assert(peers.slow(here) == Peers::slow_min && peers.usual(here) == Peers::slow_min);
    for (int i = 0; i < 50; ++i) peers.measured(here, 100ms, now);
    ck_assert(peers.slow(here) >= 100ms && peers.slow(here) < 110ms);
    ck_assert(peers.usual(here) == peers.slow(here));
}
END_TEST

START_TEST(of_who_is_new_is_expected_what_others_take) {
    SeededRandom random{1};
    Peers peers{random};
    for (int i = 0; i < 50; ++i) peers.measured(contact(2).endpoint, 1ms, now);
    ck_assert(peers.slow(here) == Peers::slow_min && peers.timeout(here) == Peers::unknown_timeout_min);
    for (int i = 0; i < 50; ++i) peers.measured(contact(2).endpoint, 40ms, now);
    ck_assert(peers.slow(here) >= 78ms && peers.slow(here) <= 80ms);
    ck_assert(peers.timeout(here) >= 160ms && peers.timeout(here) < 180ms);
    for (int i = 0; i < 50; ++i) peers.measured(contact(2).endpoint, 1s, now);
    ck_assert(peers.slow(here) == Peers::unknown_slow && peers.timeout(here) == Peers::unknown_timeout);
}
END_TEST

START_TEST(for_who_was_silent_the_wait_is_short_until_it_answers) {
    SeededRandom random{1};
    Peers peers{random};
    peers.silent(here);  // never heard: nothing is kept
    ck_assert(peers.slow(here) == Peers::unknown_slow);
    for (int i = 0; i < 50; ++i) peers.measured(here, 20ms, now);
    peers.silent(here);
    ck_assert(peers.slow(here) == Duration{0});
    ck_assert(peers.timeout(here) >= 20ms && peers.timeout(here) < 25ms);
    peers.measured(here, 20ms, now);
    ck_assert(peers.slow(here) >= 20ms && peers.timeout(here) == Peers::timeout_min);
}
END_TEST

START_TEST(of_who_was_silent_nothing_is_expected_that_others_do_not_take) {
    SeededRandom random{1};
    Peers peers{random};
    peers.measured(here, 1s, now);  // once, when it had just begun
    for (int i = 0; i < 50; ++i) peers.measured(contact(2).endpoint, 5ms, now);
    ck_assert(peers.timeout(here) == Peers::timeout_max);
    ck_assert(peers.usual(here) < 100ms);
    peers.silent(here);
    ck_assert(peers.timeout(here) < 100ms);
}
END_TEST

START_TEST(a_proof_is_of_one_id_at_one_address) {
    SeededRandom random{1};
    Peers peers{random};
    peers.proved(here, contact(1).id, now);
    ck_assert(peers.is_proved(here, contact(1).id));
    ck_assert(!peers.is_proved(here, contact(2).id));
    ck_assert(!peers.is_proved(contact(2).endpoint, contact(1).id));
    peers.proved(here, contact(2).id, now);  // somebody else lives there by now
    ck_assert(!peers.is_proved(here, contact(1).id));
    peers.unproved(here);
    ck_assert(!peers.is_proved(here, contact(2).id));
}
END_TEST

START_TEST(a_proof_can_be_taken_back_wherever_it_was_given) {
    SeededRandom random{1};
    Peers peers{random};
    const auto id = samples::contact(1).id;
    const auto other = samples::contact(2).id;
    const auto at = [](std::uint8_t host) { return Endpoint::v4({10, 0, 0, host}, 7000); };
    peers.proved(at(1), id, samples::now.time);
    peers.proved(at(2), id, samples::now.time);
    peers.proved(at(3), other, samples::now.time);
    peers.unproved(id);
    ck_assert(!peers.is_proved(at(1), id) && !peers.is_proved(at(2), id));
    ck_assert(peers.is_proved(at(3), other));
}
END_TEST

START_TEST(an_address_is_real_once_somebody_has_answered_there) {
    SeededRandom random{1};
    Peers peers{random};
    ck_assert(!peers.is_real(here));
    peers.proved(here, contact(1).id, now);
    ck_assert(peers.is_real(here));
    peers.foreign(contact(2).endpoint, now);
    ck_assert(!peers.is_real(contact(2).endpoint));
    peers.measured(contact(2).endpoint, 0us, now);  // a foreign node, but it has answered
    ck_assert(peers.is_real(contact(2).endpoint));
}
END_TEST

START_TEST(a_foreign_node_is_let_be_for_a_while) {
    SeededRandom random{1};
    Peers peers{random};
    ck_assert(!peers.is_foreign(here, now));
    peers.foreign(here, now);
    ck_assert(peers.is_foreign(here, now + 5min - 1us));
    ck_assert(!peers.is_foreign(here, now + 5min));
    peers.foreign(here, now);
    peers.proved(here, contact(1).id, now);
    ck_assert(!peers.is_foreign(here, now));
}
END_TEST

START_TEST(those_unused_for_longest_are_forgotten_first) {
    SeededRandom random{1};
    Peers peers{random};
    for (std::size_t i = 0; i < 4096; ++i) {
        peers.proved(numbered(i), contact(1).id, now + std::chrono::seconds{i});
    }
    ck_assert(peers.is_real(numbered(0)));
    peers.proved(numbered(5000), contact(1).id, now + 5000s);
    ck_assert(!peers.is_real(numbered(0)));
    ck_assert(peers.is_real(numbered(4095)) && peers.is_real(numbered(5000)));
}
END_TEST

int main() {
    return run_suite(
        "peers",
        {the_timeout_follows_the_round_trips, the_timeout_is_kept_within_bounds,
         a_peer_is_slow_before_it_is_late, of_who_is_new_is_expected_what_others_take,
         for_who_was_silent_the_wait_is_short_until_it_answers,
         of_who_was_silent_nothing_is_expected_that_others_do_not_take, a_proof_is_of_one_id_at_one_address,
         a_proof_can_be_taken_back_wherever_it_was_given, an_address_is_real_once_somebody_has_answered_there,
         a_foreign_node_is_let_be_for_a_while, those_unused_for_longest_are_forgotten_first});
}
