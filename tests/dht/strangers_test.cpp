// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/strangers.h"

#include "tests/dht/samples.h"

using namespace dht;
using namespace std::chrono_literals;

namespace {

const auto now = samples::now.time;

Endpoint numbered(std::size_t number) {
    return Endpoint::v4({10, 9, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)},
                        7000);
}

}  // namespace

START_TEST(a_stranger_is_asked_once_in_a_while) {
    Strangers strangers;
    ck_assert(strangers.may_ask(numbered(1), now));
    ck_assert(!strangers.may_ask(numbered(1), now + 5s - 1us));
    ck_assert(strangers.may_ask(numbered(2), now));
    ck_assert(strangers.may_ask(numbered(1), now + 5s));
    ck_assert(!strangers.may_ask(numbered(1), now + 6s));
}
END_TEST

START_TEST(forged_senders_do_not_fill_the_memory) {
    Strangers strangers;
    for (std::size_t i = 0; i < 1024; ++i) ck_assert(strangers.may_ask(numbered(i), now));
    ck_assert(!strangers.may_ask(numbered(2000), now + 1s));
    ck_assert(strangers.may_ask(numbered(2000), now + 5s));
}
END_TEST

int main() {
    return run_suite("strangers",
                     {a_stranger_is_asked_once_in_a_while, forged_senders_do_not_fill_the_memory});
}
