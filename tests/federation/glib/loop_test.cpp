// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/loop.h"

#include <gio/gio.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "federation/glib/ptr.h"
#include "tests/check.h"

namespace {

using namespace std::chrono_literals;

START_TEST(tasks_run_on_the_loop_in_order) {
    std::vector<int> order;
    {
        glib::Loop loop;
        for (int i = 0; i < 100; ++i) loop.post([&, i] { order.push_back(loop.is_current() ? i : -1); });
    }
    ck_assert_uint_eq(order.size(), 100);
    for (int i = 0; i < 100; ++i) ck_assert_int_eq(order[static_cast<std::size_t>(i)], i);
}
END_TEST

START_TEST(a_task_posted_from_the_loop_runs_later) {
    glib::Loop loop;
    std::promise<bool> nested;
    loop.post([&] {
        auto inside = std::make_shared<bool>(true);
        loop.post([&nested, inside] { nested.set_value(*inside); });
        *inside = false;
    });
    ck_assert(!nested.get_future().get());
}
END_TEST

START_TEST(what_a_task_throws_reaches_who_waits_for_it) {
    glib::Loop loop;
    std::string what;
    try {
        loop.run([] { throw std::runtime_error{"no"}; });
    } catch (const std::runtime_error& error) {
        what = error.what();
    }
    ck_assert(what == "no");
    loop.run([] {});
}
END_TEST

START_TEST(a_timer_fires_once_and_may_destroy_itself) {
    glib::Loop loop;
    std::unique_ptr<glib::Timer> timer;
    std::promise<void> fired;
    loop.run([&] {
        timer = std::make_unique<glib::Timer>(loop, [&] {
            timer.reset();
            fired.set_value();
        });
        timer->arm_in(1ms);
    });
    ck_assert(fired.get_future().wait_for(5s) == std::future_status::ready);
    loop.run([&] { ck_assert(!timer); });
}
END_TEST

START_TEST(a_timer_disarmed_does_not_fire) {
    glib::Loop loop;
    bool fired = false;
    std::unique_ptr<glib::Timer> timer;
    std::unique_ptr<glib::Timer> later;
    std::promise<void> done;
    loop.run([&] {
        timer = std::make_unique<glib::Timer>(loop, [&] { fired = true; });
        later = std::make_unique<glib::Timer>(loop, [&] { done.set_value(); });
        timer->arm_in(1ms);
        timer->disarm();
        later->arm_in(20ms);
    });
    done.get_future().wait();
    loop.run([&] {
        timer.reset();
        later.reset();
    });
    ck_assert(!fired);
}
END_TEST

START_TEST(what_is_cancelled_last_is_told_before_the_loop_ends) {
    const auto cancellable = glib::take_ref(g_cancellable_new());
    const auto listener = glib::take_ref(g_socket_listener_new());
    ck_assert(g_socket_listener_add_any_inet_port(listener.get(), nullptr, nullptr) != 0);
    bool told = false;
    {
        glib::Loop loop;
        loop.run([&] {
            g_socket_listener_accept_socket_async(
                listener.get(), cancellable.get(),
                [](GObject*, GAsyncResult*, gpointer data) { *static_cast<bool*>(data) = true; }, &told);
        });
        loop.post([&] { g_cancellable_cancel(cancellable.get()); });
    }
    ck_assert(told);
}
END_TEST

}  // namespace

int main() {
    return run_suite("loop",
                     {tasks_run_on_the_loop_in_order, a_task_posted_from_the_loop_runs_later,
                      what_a_task_throws_reaches_who_waits_for_it, a_timer_fires_once_and_may_destroy_itself,
                      a_timer_disarmed_does_not_fire, what_is_cancelled_last_is_told_before_the_loop_ends});
}
