// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/queue.h"

#include <deque>
#include <string>

#include "tests/dht/samples.h"

using namespace dht;

START_TEST(first_in_is_first_out_however_they_mix) {
    SeededRandom random{1};
    Queue<std::string> queue;
    std::deque<std::string> other;
    for (int i = 0; i < 10'000; ++i) {
        if (random.below(2 + (i < 5000 ? 1 : 0)) > 0) {
            queue.push_back(std::to_string(i));
            other.push_back(std::to_string(i));
        } else if (!other.empty()) {
            ck_assert(queue.front() == other.front());
            queue.pop_front();
            other.pop_front();
        }
        ck_assert_uint_eq(queue.size(), other.size());
        ck_assert(queue.empty() == other.empty());
    }
}
END_TEST

START_TEST(some_leave_from_the_middle) {
    Queue<int> queue;
    for (int i = 0; i < 10; ++i) queue.push_back(i);
    queue.pop_front();
    queue.erase_if([](int i) { return i % 2 == 0; });
    ck_assert_uint_eq(queue.size(), 5);
    for (int i = 1; i < 10; i += 2, queue.pop_front()) ck_assert_int_eq(queue.front(), i);
    ck_assert(queue.empty());
}
END_TEST

int main() {
    return run_suite("queue", {first_in_is_first_out_however_they_mix, some_leave_from_the_middle});
}
