// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/bootstrap.h"

#include "tests/dht/samples.h"

using namespace dht;
using namespace std::chrono_literals;

namespace {

const auto now = samples::now.time;
const Endpoint one = samples::contact(1).endpoint;
const Endpoint two = samples::contact(2).endpoint;

struct Tested {
    explicit Tested(const std::vector<Endpoint>& endpoints) { bootstrap.add(endpoints, now); }

    SeededRandom random{1};
    Bootstrap bootstrap{random};
};

}  // namespace

START_TEST(with_no_addresses_nothing_is_due) {
    Tested t{{}};
    ck_assert(t.bootstrap.empty() && !t.bootstrap.deadline());
    ck_assert(t.bootstrap.take_due(now + 24h).empty());
    t.bootstrap.alone(now);
    ck_assert(!t.bootstrap.deadline());
}
END_TEST

START_TEST(all_are_asked_again_and_again_ever_more_seldom) {
    Tested t{{one, two}};
    auto at = now;
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        ck_assert((t.bootstrap.take_due(at) == std::vector{one, two}));
        ck_assert(t.bootstrap.take_due(at).empty());
        at += pause;
        ck_assert(t.bootstrap.deadline() == at);
    }
}
END_TEST

START_TEST(once_one_has_answered_one_is_asked_now_and_then) {
    Tested t{{one, two}};
    t.bootstrap.take_due(now);
    ck_assert(t.bootstrap.heard(two, now));
    ck_assert(t.bootstrap.deadline() == now + 10min);
    ck_assert_uint_eq(t.bootstrap.take_due(now + 10min).size(), 1);
    ck_assert(t.bootstrap.deadline() == now + 20min);
}
END_TEST

START_TEST(only_the_first_answer_of_a_well_known_address_counts) {
    Tested t{{one, two}};
    ck_assert(!t.bootstrap.heard(samples::contact(3).endpoint, now));
    ck_assert(t.bootstrap.heard(one, now));
    ck_assert(!t.bootstrap.heard(one, now));
    ck_assert(!t.bootstrap.heard(two, now));
}
END_TEST

START_TEST(when_all_have_gone_it_begins_again) {
    Tested t{{one}};
    for (int i = 0; i < 5; ++i) t.bootstrap.take_due(now + i * 1min);
    t.bootstrap.heard(one, now);
    t.bootstrap.alone(now + 1h);
    ck_assert_uint_eq(t.bootstrap.take_due(now + 1h).size(), 1);
    ck_assert(t.bootstrap.deadline() == now + 1h + 1s);
    ck_assert(t.bootstrap.heard(one, now));
}
END_TEST

START_TEST(an_address_counts_once_and_only_so_many_are_kept) {
    Tested t{{one, one}};
    t.bootstrap.add({one}, now);
    ck_assert_uint_eq(t.bootstrap.take_due(now).size(), 1);
    std::vector<Endpoint> many;
    for (std::uint16_t port = 1; port <= 1000; ++port) many.push_back({one.address, port});
    t.bootstrap.add(many, now);
    ck_assert_uint_eq(t.bootstrap.take_due(now).size(), 256);
}
END_TEST

int main() {
    return run_suite("bootstrap",
                     {with_no_addresses_nothing_is_due, all_are_asked_again_and_again_ever_more_seldom,
                      once_one_has_answered_one_is_asked_now_and_then,
                      only_the_first_answer_of_a_well_known_address_counts,
                      when_all_have_gone_it_begins_again, an_address_counts_once_and_only_so_many_are_kept});
}
