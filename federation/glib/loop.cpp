// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/loop.h"

#include <cassert>
#include <exception>
#include <future>

namespace glib {

namespace {

gboolean run_task(gpointer data) {
    (*static_cast<Loop::Task*>(data))();
    return G_SOURCE_REMOVE;
}

void delete_task(gpointer data) {
    delete static_cast<Loop::Task*>(data);
}

// A source without prepare, check or descriptors: only its ready time makes it fire.
GSourceFuncs timer_functions = {nullptr,
                                nullptr,
                                [](GSource* source, GSourceFunc callback, gpointer data) -> gboolean {
                                    g_source_set_ready_time(source, -1);
                                    return callback(data);
                                },
                                nullptr,
                                nullptr,
                                nullptr};

// What was cancelled last finishes in a round or two; more would be somebody who never ends.
constexpr int last_rounds = 100;

}  // namespace

dht::Now now() {
    return {dht::Time{dht::Duration{g_get_monotonic_time()}},
            dht::Date{std::chrono::seconds{g_get_real_time() / G_USEC_PER_SEC}}};
}

Loop::Loop() : context_(g_main_context_new()), main_loop_(g_main_loop_new(context_.get(), FALSE)) {
    thread_ = std::thread{[this] {
        g_main_context_push_thread_default(context_.get());
        g_main_loop_run(main_loop_.get());
        // A cancelled operation that has not been told holds the context that should tell it, for ever.
        for (int i = 0; i < last_rounds && g_main_context_iteration(context_.get(), FALSE); ++i) {
        }
        g_main_context_pop_thread_default(context_.get());
    }};
}

Loop::~Loop() {
    assert(!is_current());
    post([this] { g_main_loop_quit(main_loop_.get()); });
    thread_.join();
}

void Loop::post(Task task) {
    // Not g_main_context_invoke: from the loop itself it would run the task inside the caller.
    Source source{g_idle_source_new()};
    g_source_set_priority(source.get(), G_PRIORITY_DEFAULT);
    attach(std::move(source), std::move(task));
}

void Loop::post_after(std::chrono::milliseconds delay, Task task) {
    attach(Source{g_timeout_source_new(static_cast<guint>(delay.count()))}, std::move(task));
}

void Loop::attach(Source source, Task task) {
    g_source_set_callback(source.get(), run_task, new Task{std::move(task)}, delete_task);
    g_source_attach(source.get(), context_.get());
    g_source_unref(source.release());  // the context owns it now
}

void Loop::run(const Task& task) {
    assert(!is_current());
    std::promise<void> done;
    post([&] {
        try {
            task();
            done.set_value();
        } catch (...) {
            done.set_exception(std::current_exception());
        }
    });
    done.get_future().get();
}

bool Loop::is_current() const {
    return thread_.get_id() == std::this_thread::get_id();
}

Timer::Timer(Loop& loop, Loop::Task on_fire)
    : on_fire_(std::move(on_fire)), source_(g_source_new(&timer_functions, sizeof(GSource))) {
    g_source_set_callback(
        source_.get(),
        [](gpointer data) -> gboolean {
            const Loop::Task fire = static_cast<Timer*>(data)->on_fire_;  // firing may destroy the timer
            fire();
            return G_SOURCE_CONTINUE;
        },
        this, nullptr);
    g_source_attach(source_.get(), loop.context());
}

void Timer::arm(dht::Time when) {
    g_source_set_ready_time(source_.get(), when.time_since_epoch().count());
}

void Timer::arm_in(dht::Duration delay) {
    arm(now().time + delay);
}

void Timer::disarm() {
    g_source_set_ready_time(source_.get(), -1);
}

}  // namespace glib
