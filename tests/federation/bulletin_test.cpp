// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/bulletin.h"

#include <chrono>

#include "dht/record.h"
#include "federation/name.h"
#include "tests/check.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

constexpr dht::Now start{dht::Time{1s}, dht::Date{1'700'000'000s}};

dht::Identity identity(std::uint8_t number) {
    dht::Identity::Seed seed{};
    seed.fill(number);
    return dht::Identity{seed};
}

/// The bulletin of a lone node; what the DHT of others would answer is put into its hands.
struct Alone {
    Config config;
    dht::SeededRandom random{1};
    dht::Node node{identity(1), config.node, random};
    Bulletin bulletin{node, config};

    Alone() { node.bootstrap({}, start); }

    void settle(const std::vector<dht::Record>& others = {}) {
        while (auto event = node.poll_event()) {
            if (auto* found = std::get_if<dht::ValuesFound>(&*event)) {
                found->records.insert(found->records.end(), others.begin(), others.end());
                bulletin.handle(*found);
            }
            if (const auto* stored = std::get_if<dht::Stored>(&*event)) bulletin.handle(*stored);
        }
    }
    template <class T>
    std::optional<T> event() {
        while (const auto next = bulletin.poll_event()) {
            if (const auto* wanted = std::get_if<T>(&*next)) return *wanted;
        }
        return {};
    }
    dht::Record record(std::uint8_t publisher, std::string_view kind, const std::string& name) const {
        dht::Record record;
        record.kind = kind;
        record.name = name;
        record.publisher = identity(publisher).public_key();
        record.value = "value";
        return record;
    }
};

START_TEST(what_is_published_is_told_as_held_once) {
    Alone a;
    a.bulletin.publish(room_kind, "demo", "first", start);
    a.settle();
    const auto held = a.event<Bulletin::Held>();
    ck_assert(held && held->kind == room_kind && held->name == "demo");
    a.bulletin.publish(room_kind, "demo", "second", start);
    a.settle();
    ck_assert(!a.event<Bulletin::Held>());
    ck_assert(a.bulletin.publishes(room_kind, "demo") && a.bulletin.size() == 1);
}
END_TEST

START_TEST(what_is_withdrawn_is_held_anew_when_it_is_back) {
    Alone a;
    a.bulletin.publish(room_kind, "demo", "first", start);
    a.settle();
    ck_assert(a.event<Bulletin::Held>().has_value());
    a.bulletin.withdraw(room_kind, "demo", start);
    a.bulletin.withdraw(room_kind, "never", start);
    ck_assert(!a.bulletin.publishes(room_kind, "demo") && a.bulletin.size() == 0);
    a.bulletin.publish(room_kind, "demo", "again", start);
    a.settle();
    ck_assert(a.event<Bulletin::Held>().has_value());
}
END_TEST

START_TEST(one_name_of_two_kinds_is_two) {
    Alone a;
    a.bulletin.publish(room_kind, "demo", "room", start);
    a.bulletin.publish(stream_kind, "demo", "stream", start);
    ck_assert_uint_eq(a.bulletin.size(), 2);
    a.bulletin.withdraw(room_kind, "demo", start);
    ck_assert(a.bulletin.publishes(stream_kind, "demo"));
}
END_TEST

START_TEST(others_records_of_the_name_are_found_and_nothing_else) {
    Alone a;
    const auto find = a.bulletin.find(room_kind, "demo", start);
    a.settle({a.record(2, room_kind, "demo"), a.record(1, room_kind, "demo"),
              a.record(3, stream_kind, "demo"), a.record(4, room_kind, "other")});
    const auto found = a.event<Bulletin::Found>();
    ck_assert(found && found->find == find && found->name == "demo" && found->records);
    ck_assert_uint_eq(found->records->size(), 1);
    ck_assert(found->records->front().publisher_id() == identity(2).node_id());
}
END_TEST

START_TEST(a_look_that_takes_too_long_ends_without_records_and_once) {
    Alone a;
    a.bulletin.find(room_kind, "demo", start);
    ck_assert(a.bulletin.deadline() == start.time + a.config.lookup_timeout);
    a.bulletin.advance({start.time + a.config.lookup_timeout, start.date});
    const auto found = a.event<Bulletin::Found>();
    ck_assert(found && !found->records);
    a.settle({a.record(2, room_kind, "demo")});  // too late
    ck_assert(!a.event<Bulletin::Found>() && !a.bulletin.deadline());
}
END_TEST

START_TEST(a_server_that_ends_withdraws_everything) {
    Alone a;
    a.bulletin.publish(room_kind, "demo", "room", start);
    a.bulletin.publish(stream_kind, "cam", "stream", start);
    a.bulletin.shut_down(start);
    ck_assert_uint_eq(a.bulletin.size(), 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "bulletin",
        {what_is_published_is_told_as_held_once, what_is_withdrawn_is_held_anew_when_it_is_back,
         one_name_of_two_kinds_is_two, others_records_of_the_name_are_found_and_nothing_else,
         a_look_that_takes_too_long_ends_without_records_and_once, a_server_that_ends_withdraws_everything});
}
