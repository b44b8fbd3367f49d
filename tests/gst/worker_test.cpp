// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/worker.h"

#include <vector>

#include "tests/check.h"

START_TEST(tasks_run_in_order_and_all_before_the_worker_goes) {
    std::vector<int> ran;
    {
        gst::Worker worker;
        for (int i = 0; i < 1000; ++i) worker.post([&ran, i] { ran.push_back(i); });
    }
    ck_assert_uint_eq(ran.size(), 1000);
    for (int i = 0; i < 1000; ++i) ck_assert_int_eq(ran[static_cast<std::size_t>(i)], i);
}
END_TEST

START_TEST(a_task_may_post_another) {
    int ran = 0;
    {
        gst::Worker worker;
        worker.post([&] { worker.post([&] { ++ran; }); });
    }
    ck_assert_int_eq(ran, 1);
}
END_TEST

int main() {
    return run_suite("worker", {tasks_run_in_order_and_all_before_the_worker_goes, a_task_may_post_another});
}
