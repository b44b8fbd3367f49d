// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <sys/types.h>

#include <functional>

namespace bench {

/// What serves runs on this processor, what asks on the other.
constexpr int server_cpu = 0;
constexpr int client_cpu = 1;

/// Does nothing on a machine without that processor.
void pin_to(int cpu);

/// Of all threads, in seconds, as the kernel counts it in nanoseconds.
double cpu_seconds(pid_t process);

/// Of the calling thread.
double thread_cpu_seconds();

double wall_seconds();

/// A process that dies with this one. Made before there are threads here.
class Child {
public:
    /// `run` has everything it needs; when it returns, the process ends.
    Child(int cpu, const std::function<void()>& run);
    ~Child() { kill(); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    /// For its end.
    void wait();
    void kill();

private:
    pid_t pid_;
};

}  // namespace bench
