// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/paths.h"

#include <algorithm>
#include <vector>

#include "tests/dht/samples.h"

using dht::Contact;
using dht::Paths;
using samples::contact;

namespace {

const dht::NodeId self = contact(0xff).id;
const dht::NodeId target{};

std::vector<Contact> numbered(std::uint8_t first, std::uint8_t count, std::uint8_t step = 1) {
    std::vector<Contact> out;
    for (std::uint8_t i = 0; i < count; ++i)
        out.push_back(contact(static_cast<std::uint8_t>(first + i * step)));
    return out;
}

std::vector<Contact> asked(Paths& paths) {
    std::vector<Contact> out;
    while (const auto next = paths.next()) out.push_back(*next);
    return out;
}

}  // namespace

START_TEST(one_path_is_a_lookup) {
    Paths paths{self, target, {{.k = 2, .alpha = 1}}};
    paths.seed(std::vector{contact(8)});
    ck_assert(asked(paths) == std::vector{contact(8)});
    paths.answered(contact(8), std::vector{contact(4)});
    ck_assert(asked(paths) == std::vector{contact(4)});
    paths.answered(contact(4), {});
    ck_assert(paths.finished());
    ck_assert((paths.closest() == std::vector{contact(4), contact(8)}));
    ck_assert_int_eq(paths.hops(), 2);
    ck_assert_uint_eq(paths.asked(), 2);
}
END_TEST

START_TEST(paths_at_once_share_nobody) {
    Paths paths{self, target, {{.k = 3, .alpha = 1}, 2}};
    paths.seed(numbered(8, 4));
    ck_assert((asked(paths) == std::vector{contact(8), contact(9)}));
    // Both name the same ones: each is asked on one path.
    paths.answered(contact(8), std::vector{contact(1), contact(2)});
    paths.answered(contact(9), std::vector{contact(1), contact(2)});
    ck_assert((asked(paths) == std::vector{contact(1), contact(2)}));
    ck_assert_uint_eq(paths.size(), 2);
    ck_assert(paths.silent().empty());  // whom the other path asks is not silent
}
END_TEST

START_TEST(those_who_lie_to_one_path_do_not_keep_another_from_the_truth) {
    Paths paths{self, target, {{.k = 2, .alpha = 1}, 2}};
    paths.seed(std::vector{contact(0x20), contact(0x21)});
    ck_assert_uint_eq(asked(paths).size(), 2);
    paths.answered(contact(0x20), std::vector{contact(8), contact(9)});  // whom it works together with
    paths.answered(contact(0x21), std::vector{contact(1), contact(2)});
    while (!paths.finished()) {
        const auto round = asked(paths);
        ck_assert(!round.empty());
        for (const auto& each : round) paths.answered(each, {});
    }
    ck_assert((paths.closest() == std::vector{contact(1), contact(2)}));
}
END_TEST

START_TEST(another_path_begins_with_those_not_asked_yet) {
    Paths paths{self, target, {{.k = 2, .alpha = 2}}};
    const auto known = numbered(1, 5);
    paths.seed(std::vector{known[0], known[1]});
    for (const auto& each : asked(paths)) paths.answered(each, {});
    ck_assert(paths.finished());
    ck_assert(paths.open(known));
    ck_assert(!paths.finished());
    ck_assert((asked(paths) == std::vector{known[2], known[3]}));
    paths.answered(known[2], {});
    paths.failed(known[3]);
    ck_assert(paths.finished());
    ck_assert((paths.closest() == std::vector{known[0], known[1]}));
    ck_assert(paths.silent() == std::vector{known[3]});
    ck_assert(!paths.open(std::vector{known[0], known[3]}));
}
END_TEST

START_TEST(there_are_only_so_many_paths) {
    Paths paths{self, target, {{.k = 1, .alpha = 1}, 100}};
    paths.seed(numbered(1, 20));
    ck_assert_uint_eq(paths.size(), Paths::most);
    ck_assert(!paths.open(numbered(0x40, 20)));
}
END_TEST

START_TEST(one_subnet_cannot_crowd_all_paths_together) {
    const auto hostile = [](std::uint8_t i) {
        auto out = contact(i);
        out.endpoint = dht::Endpoint::v4({192, 0, 2, i}, 7000);
        return out;
    };
    Paths paths{self, target, {{.k = 20, .alpha = 20, .per_subnet = 2}}};
    const std::vector<Contact> some{hostile(1), hostile(2)};
    const std::vector<Contact> more{hostile(3), hostile(4), contact(5)};
    paths.seed(some);
    for (const auto& each : asked(paths)) paths.answered(each, {});
    ck_assert(paths.open(more));
    for (const auto& each : asked(paths)) paths.answered(each, {});
    ck_assert((paths.closest() == std::vector{hostile(1), hostile(2), contact(5)}));
}
END_TEST

START_TEST(who_speaks_both_families_finds_the_closest_of_each) {
    const auto six = [](std::uint8_t number) {
        auto out = contact(number);
        out.endpoint = *dht::Endpoint::parse("[fd00::" + std::to_string(number) + "]:7");
        return out;
    };
    Paths paths{self, target, {{.k = 2, .alpha = 1}, 1, true}};
    paths.seed(std::vector{contact(2), contact(4), contact(8)});
    ck_assert_uint_eq(paths.size(), 1);
    ck_assert(asked(paths) == std::vector{contact(2)});
    // What one family is told of the other is not lost.
    paths.answered(contact(2), std::vector{six(16), six(2)});
    ck_assert((asked(paths) == std::vector{six(2), contact(4)}));
    paths.answered(six(2), {});
    paths.answered(contact(4), {});
    ck_assert(asked(paths) == std::vector{six(16)});
    paths.answered(six(16), {});
    ck_assert(paths.finished());
    ck_assert_int_eq(paths.hops(), 2);
    // The one with addresses of both counts once.
    ck_assert((paths.closest() == std::vector{contact(2), contact(4), six(16)}));
}
END_TEST

int main() {
    return run_suite("paths", {one_path_is_a_lookup, paths_at_once_share_nobody,
                               those_who_lie_to_one_path_do_not_keep_another_from_the_truth,
                               another_path_begins_with_those_not_asked_yet, there_are_only_so_many_paths,
                               one_subnet_cannot_crowd_all_paths_together,
                               who_speaks_both_families_finds_the_closest_of_each});
}
