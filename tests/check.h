// SPDX-License-Identifier: LGPL-2.1-or-later
/// Glue for tests written with Check. One source file is one executable:
///
///     START_TEST(a_lone_node_finds_itself) { ck_assert_int_eq(1, 1); } END_TEST
///     int main() { return run_suite("node", {a_lone_node_finds_itself}); }
///
/// Check runs each test in a process of its own, but for sanitizers, which look at one.
#pragma once

#include <check.h>
#undef fail  // a macro of old: it would change std::ios::fail()

#include <initializer_list>

#ifdef __has_feature
#define TESTS_HAVE(sanitizer) __has_feature(sanitizer)
#else
#define TESTS_HAVE(sanitizer) 0
#endif

inline int run_suite(const char* name, std::initializer_list<const TTest*> tests,
                     double timeout_seconds = 20) {
    Suite* suite = suite_create(name);
    TCase* tcase = tcase_create(name);
    tcase_set_timeout(tcase, timeout_seconds);
    for (const TTest* test : tests) tcase_add_test(tcase, test);
    suite_add_tcase(suite, tcase);
    SRunner* runner = srunner_create(suite);
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || TESTS_HAVE(address_sanitizer) || \
    TESTS_HAVE(thread_sanitizer)
    srunner_set_fork_status(runner, CK_NOFORK);
#endif
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
