// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/session.h"

#include <atomic>
#include <thread>

#include "tests/check.h"
#include "tests/plugin/session_world.h"

using federation::Reason;
using tests::answer;
using tests::offer;
using tests::peer;
using tests::same;
using tests::World;

namespace {

START_TEST(info_tells_the_state_of_the_call) {
    World world;
    const auto text = [&](const char* key) {
        const auto info = world.session->info();
        const char* value = json_string_value(json_object_get(info.get(), key));
        return std::string{value ? value : ""};
    };
    ck_assert(same(text("state"), "idle"));
    ck_assert(same(text("username"), ""));
    world.talking();
    ck_assert(same(text("state"), "talking"));
    ck_assert(same(text("username"), "alice"));
    ck_assert(same(text("peer"), "bob"));
    ck_assert(same(text("call"), "call-1"));
    ck_assert(same(text("server"), peer.hex()));
    const auto info = world.session->info();
    ck_assert_int_eq(json_integer_value(json_object_get(json_object_get(info.get(), "lane"), "id")), 7);
    for (const char* key : {"packets-sent", "packets-lost", "packets-repaired", "repairs-sent"})
        ck_assert(json_is_integer(json_object_get(json_object_get(info.get(), "lane"), key)));
    world.session->ended(Reason::hangup, {});
    ck_assert(same(text("state"), "idle"));
    ck_assert(same(text("call"), ""));
    ck_assert(same(text("server"), ""));
    ck_assert(json_object_get(world.session->info().get(), "lane") == nullptr);
}
END_TEST

START_TEST(info_may_be_asked_for_from_another_thread) {
    World world;
    world.registered();
    std::atomic<bool> stop{false};
    std::thread reader{[&] {
        while (!stop) ck_assert(json_object_get(world.session->info().get(), "state"));
    }};
    for (int i = 0; i < 200; ++i) {
        world.session->incoming({"call-1", "bob", "alice", peer, 7, offer});
        world.ask("a", R"({"request":"accept"})", answer);
        world.session->ended(Reason::hangup, {});
    }
    stop = true;
    reader.join();
}
END_TEST

}  // namespace

int main() {
    return run_suite("session_info",
                     {info_tells_the_state_of_the_call, info_may_be_asked_for_from_another_thread});
}
