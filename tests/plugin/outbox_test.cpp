// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/outbox.h"

#include <atomic>
#include <future>
#include <latch>

#include "tests/check.h"

using plugin::Outbox;

// What tasks touch is made before the outbox: its destructor waits for them.
namespace {

/// Posts a task that runs until `go`; returns once it is at it.
void block(Outbox& outbox, const std::shared_ptr<Outbox::Queue>& queue, std::latch& go) {
    auto running = std::make_shared<std::promise<void>>();
    auto runs = running->get_future();
    outbox.post(queue, [running, &go] {
        running->set_value();
        go.wait();
    });
    runs.wait();
}

START_TEST(the_tasks_of_one_queue_run_in_order_and_one_at_a_time) {
    Outbox outbox;
    const auto queue = Outbox::make_queue();
    std::vector<int> ran;
    for (int i = 0; i < 1000; ++i) outbox.post(queue, [&ran, i] { ran.push_back(i); });
    outbox.stop();
    ck_assert_uint_eq(ran.size(), 1000);
    for (int i = 0; i < 1000; ++i) ck_assert_int_eq(ran[static_cast<std::size_t>(i)], i);
}
END_TEST

START_TEST(blocked_queues_do_not_hold_up_another) {
    std::latch go{1};
    std::promise<void> ran;
    Outbox outbox;
    for (std::size_t i = 0; i + 1 < Outbox::workers_max; ++i) block(outbox, Outbox::make_queue(), go);
    outbox.post(Outbox::make_queue(), [&ran] { ran.set_value(); });
    ran.get_future().wait();
    go.count_down();
}
END_TEST

START_TEST(what_waits_behind_a_blocked_task_does_not_run_elsewhere) {
    std::latch go{1};
    std::atomic<bool> overtook{false};
    std::promise<void> ran;
    Outbox outbox;
    const auto slow = Outbox::make_queue();
    block(outbox, slow, go);
    outbox.post(slow, [&overtook] { overtook = true; });
    outbox.post(Outbox::make_queue(), [&ran] { ran.set_value(); });
    ran.get_future().wait();
    ck_assert(!overtook);
    go.count_down();
    outbox.stop();
    ck_assert(overtook);
}
END_TEST

START_TEST(more_queues_than_workers_all_get_their_turn) {
    Outbox outbox;
    std::atomic<int> ran{0};
    for (int queue = 0; queue < 50; ++queue) {
        const auto one = Outbox::make_queue();
        for (int i = 0; i < 20; ++i) outbox.post(one, [&ran] { ++ran; });
    }
    outbox.stop();
    ck_assert_int_eq(ran, 1000);
}
END_TEST

START_TEST(stopping_runs_what_is_queued) {
    std::latch go{1};
    Outbox outbox;
    const auto queue = Outbox::make_queue();
    block(outbox, queue, go);
    int ran = 0;
    for (int i = 0; i < 100; ++i) outbox.post(queue, [&ran] { ++ran; });
    go.count_down();
    outbox.stop();
    ck_assert_int_eq(ran, 100);
}
END_TEST

START_TEST(nothing_runs_after_the_stop) {
    Outbox outbox;
    outbox.stop();
    bool ran = false;
    const auto queue = Outbox::make_queue();
    outbox.post(queue, [&ran] { ran = true; });
    ck_assert(!outbox.post_feedback(queue, [&ran] { ran = true; }));
    outbox.stop();
    ck_assert(!ran);
}
END_TEST

START_TEST(feedback_is_dropped_when_it_piles_up_and_the_rest_is_not) {
    std::latch go{1};
    Outbox outbox;
    const auto queue = Outbox::make_queue();
    block(outbox, queue, go);
    int feedback = 0, rest = 0;
    for (std::size_t i = 0; i < Outbox::feedback_queued_max; ++i)
        ck_assert(outbox.post_feedback(queue, [&feedback] { ++feedback; }));
    ck_assert(!outbox.post_feedback(queue, [&feedback] { ++feedback; }));
    outbox.post(queue, [&rest] { ++rest; });
    go.count_down();
    outbox.stop();
    ck_assert_int_eq(feedback, static_cast<int>(Outbox::feedback_queued_max));
    ck_assert_int_eq(rest, 1);
}
END_TEST

START_TEST(a_task_may_post_to_its_own_queue) {
    std::promise<void> ran;
    Outbox outbox;
    const auto queue = Outbox::make_queue();
    outbox.post(queue, [&] { outbox.post(queue, [&ran] { ran.set_value(); }); });
    ran.get_future().wait();
}
END_TEST

/// What a task holds may, when let go, want the outbox itself.
struct Posts {
    Outbox& outbox;
    explicit Posts(Outbox& to) : outbox(to) {}
    Posts(const Posts&) = delete;
    Posts& operator=(const Posts&) = delete;
    ~Posts() {
        outbox.post(Outbox::make_queue(), [] {});
    }
};

START_TEST(tasks_run_or_dropped_are_let_go_outside_the_lock) {
    Outbox outbox;
    const auto queue = Outbox::make_queue();
    outbox.post(queue, [held = std::make_shared<Posts>(outbox)] {});
    outbox.stop();
    outbox.post(queue, [held = std::make_shared<Posts>(outbox)] {});
    outbox.post_feedback(queue, [held = std::make_shared<Posts>(outbox)] {});
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "outbox",
        {the_tasks_of_one_queue_run_in_order_and_one_at_a_time, blocked_queues_do_not_hold_up_another,
         what_waits_behind_a_blocked_task_does_not_run_elsewhere, more_queues_than_workers_all_get_their_turn,
         stopping_runs_what_is_queued, nothing_runs_after_the_stop,
         feedback_is_dropped_when_it_piles_up_and_the_rest_is_not, a_task_may_post_to_its_own_queue,
         tasks_run_or_dropped_are_let_go_outside_the_lock});
}
