// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/process.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <system_error>

namespace bench {

namespace {

double seconds(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

void pin_to(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(static_cast<unsigned>(cpu), &set);
    sched_setaffinity(0, sizeof set, &set);
}

double cpu_seconds(pid_t process) {
    clockid_t clock{};
    if (clock_getcpuclockid(process, &clock) != 0) return 0;
    return seconds(clock);
}

double thread_cpu_seconds() {
    return seconds(CLOCK_THREAD_CPUTIME_ID);
}

double wall_seconds() {
    return seconds(CLOCK_MONOTONIC);
}

Child::Child(int cpu, const std::function<void()>& run) : pid_(fork()) {
    if (pid_ < 0) throw std::system_error{errno, std::generic_category(), "fork"};
    if (pid_ > 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    pin_to(cpu);
    try {
        run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        _exit(1);
    }
    _exit(0);
}

void Child::wait() {
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
    pid_ = 0;
}

void Child::kill() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    wait();
}

}  // namespace bench
