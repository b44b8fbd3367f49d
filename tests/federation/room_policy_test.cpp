// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/room_policy.h"

#include <chrono>

#include "tests/check.h"

namespace {

using namespace federation;

OwnerToken token(std::uint8_t number) {
    OwnerToken out{};
    out.fill(number);
    return out;
}

RoomPolicy policy(std::uint8_t maker, std::uint64_t created, bool pin = false) {
    RoomPolicy out{.created = created, .version = created, .rules = {R"({"publishers":6})", pin, true}};
    sign(out, "public", "demo", token(maker));
    return out;
}

START_TEST(a_policy_comes_back_and_is_its_makers) {
    const auto made = policy(1, 1'700'000'000'000, true);
    const auto read = decode_policy(dht::view(encode(made)));
    ck_assert(read == made && verify(*read, "public", "demo"));
    ck_assert(encode(made).size() <= policy_bytes_max);
    ck_assert(!verify(*read, "public", "other") && !verify(*read, "private", "demo"));
}
END_TEST

START_TEST(whatever_is_changed_in_it_shows) {
    const auto made = policy(1, 1000);
    const auto forged = [&](auto change) {
        auto copy = made;
        change(copy);
        return !verify(copy, "public", "demo");
    };
    ck_assert(forged([](RoomPolicy& p) { p.created = 999; }));
    ck_assert(forged([](RoomPolicy& p) { ++p.version; }));
    ck_assert(forged([](RoomPolicy& p) { p.destroyed = true; }));
    ck_assert(forged([](RoomPolicy& p) { p.rules.pin = true; }));
    ck_assert(forged([](RoomPolicy& p) { p.rules.secret = false; }));
    ck_assert(forged([](RoomPolicy& p) { p.rules.about = "{}"; }));
    ck_assert(forged([](RoomPolicy& p) { p.key = dht::Identity{token(2)}.public_key(); }));
}
END_TEST

START_TEST(what_is_no_policy_is_not_read) {
    auto big = policy(1, 1000);
    big.rules.about = R"({"description":")" + std::string(rules_bytes_max, 'x') + R"("})";
    ck_assert(!decode_policy(dht::view(encode(big))));
    auto odd = policy(1, 1000);
    odd.rules.about = "no object";
    ck_assert(!decode_policy(dht::view(encode(odd))));
    const auto good = encode(policy(1, 1000));
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        ck_assert(!decode_policy(dht::view(std::string_view{good}.substr(0, cut))));
    }
}
END_TEST

START_TEST(of_one_key_the_newer_version_holds_and_else_the_room_made_first) {
    auto newer = policy(1, 1000);
    ++newer.version;
    ck_assert(supersedes(newer, policy(1, 1000)) && !supersedes(policy(1, 1000), newer));
    ck_assert(!supersedes(newer, newer));
    ck_assert(supersedes(policy(2, 999), newer) && !supersedes(policy(2, 1001), newer));
}
END_TEST

START_TEST(a_room_with_a_pin_is_not_one_without) {
    ck_assert(kinship(policy(1, 1000), policy(2, 1000)) == Kinship::same);
    ck_assert(kinship(policy(1, 1000, true), policy(1, 1000)) == Kinship::same);  // edited
    ck_assert(kinship(policy(1, 1000, true), policy(2, 1000, true)) == Kinship::pin);
    ck_assert(kinship(policy(1, 1000, true), policy(2, 1000)) == Kinship::stranger);
    ck_assert(kinship(policy(1, 1000), policy(2, 1, true)) == Kinship::stranger);
}
END_TEST

START_TEST(who_shows_a_pin_is_not_drawn_into_a_room_without) {
    const std::vector found{policy(1, 10), policy(2, 30, true), policy(3, 20, true)};
    ck_assert(*choose(found, true) == found[2] && *choose(found, false) == found[0]);
    ck_assert(*choose({found[1]}, false) == found[1] && *choose({found[0]}, true) == found[0]);
    auto gone = policy(1, 10);
    gone.destroyed = true;
    ck_assert(!choose({gone}, false) && !choose({}, true));
}
END_TEST

START_TEST(a_grant_is_for_one_server_one_room_and_half_a_minute) {
    using std::chrono::seconds;
    const dht::Date now{seconds{1'700'000'000}};
    const auto key = dht::Identity{token(1)}.public_key();
    const auto alice = *dht::NodeId::from_hex(std::string(40, 'a'));
    const auto bob = *dht::NodeId::from_hex(std::string(40, 'b'));
    const auto given = grant(token(1), "public", "demo", alice, now);
    const auto holds = [&](const dht::PublicKey& by, const char* room, const dht::NodeId& who, dht::Date at) {
        return grants(dht::view(given), by, "public", room, who, at);
    };
    ck_assert(holds(key, "demo", alice, now) && holds(key, "demo", alice, now + seconds{30}));
    ck_assert(!holds(key, "demo", alice, now + seconds{100}));
    ck_assert(!holds(key, "demo", alice, now - seconds{100}));
    ck_assert(!holds(key, "other", alice, now) && !holds(key, "demo", bob, now));
    ck_assert(!holds(dht::Identity{token(2)}.public_key(), "demo", alice, now));
    ck_assert(!grants(dht::view("de"), key, "public", "demo", alice, now));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "room_policy",
        {a_policy_comes_back_and_is_its_makers, whatever_is_changed_in_it_shows,
         what_is_no_policy_is_not_read, of_one_key_the_newer_version_holds_and_else_the_room_made_first,
         a_room_with_a_pin_is_not_one_without, who_shows_a_pin_is_not_drawn_into_a_room_without,
         a_grant_is_for_one_server_one_room_and_half_a_minute});
}
