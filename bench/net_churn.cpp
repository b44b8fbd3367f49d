// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/net_churn.h"

#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

#include "bench/process.h"

namespace bench {

namespace {

// 64 nodes, of which those stay that put and get; the others come and go, seven at a time.
constexpr std::size_t stable = 8;
constexpr std::size_t together = 7;
constexpr std::size_t groups = 8;
constexpr std::size_t values = 200;
constexpr double seconds_between_kills = 3;
constexpr double gets_per_second = 20;

/// Nodes in a process that began as a new one: with threads about, a forked one would be a gamble.
class Group {
public:
    Group(std::vector<std::string> command, const Place& place) {
        for (const auto number : {std::size_t{place.port}, place.nodes, std::size_t{place.known}})
            command.push_back(std::to_string(number));
        std::vector<char*> arguments;
        for (auto& word : command) arguments.push_back(word.data());
        arguments.push_back(nullptr);
        const int failed = posix_spawn(&pid_, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ);
        if (failed != 0) throw std::system_error{failed, std::generic_category(), "spawn"};
    }
    void kill() {
        ::kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }

private:
    pid_t pid_ = 0;
};

/// The gets of one half of the time.
struct Gets {
    std::mutex mutex;
    std::size_t asked = 0;
    std::vector<double> seconds;  // of those that were answered with the value
    std::size_t empty = 0;        // answered without

    void begin() {
        const std::lock_guard lock{mutex};
        ++asked;
    }
    void ended(double took, bool good) {
        const std::lock_guard lock{mutex};
        if (!good) {
            ++empty;
        } else if (took <= std::chrono::duration<double>{patience}.count()) {
            seconds.push_back(took);
        }
    }

    void print(const char* name, const char* what) {
        const std::lock_guard lock{mutex};
        std::sort(seconds.begin(), seconds.end());
        const auto at = [&](double share) {
            const auto last = static_cast<double>(seconds.size()) - 1;
            return seconds.empty() ? 0.0 : 1000 * seconds[static_cast<std::size_t>(share * last)];
        };
        std::printf(
            "{\"who\":\"%s\",\"what\":\"%s\",\"of\":%zu,\"good\":%zu,\"empty\":%zu,\"p50\":%.2f,"
            "\"p99\":%.2f,\"most\":%.2f}\n",
            name, what, asked, seconds.size(), empty, at(0.5), at(0.99), at(1));
        std::fflush(stdout);
    }
};

void wait_until(double when) {
    const auto left = when - wall_seconds();
    if (left > 0) std::this_thread::sleep_for(std::chrono::duration<double>{left});
}

/// Not destroyed before the process ends: an answer may come after nobody waits for it any more.
class Churn {
public:
    Churn(std::vector<std::string> command, const char* name, std::uint16_t port, const MakeSwarm& make)
        : command_(std::move(command)),
          name_(name),
          port_(port),
          next_port_(port),
          swarm_(make({port, stable, port})) {
        command_.emplace_back("nodes");
        next_port_ = static_cast<std::uint16_t>(port + stable);
        std::this_thread::sleep_for(std::chrono::seconds{1});  // there is somebody to be known
        for (std::size_t i = 0; i < groups; ++i) come();
        std::this_thread::sleep_for(settling);
    }

    void put() {
        for (std::size_t value = 0; value < values; ++value) {
            swarm_->put(value % stable, value, [this](bool good) { stored_ += good ? 1 : 0; });
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
        std::this_thread::sleep_for(patience);
        std::printf("{\"who\":\"%s\",\"what\":\"put\",\"of\":%zu,\"good\":%zu}\n", name_, values,
                    stored_.load());
    }

    void get(double seconds) {
        const auto gets = static_cast<std::size_t>(seconds * gets_per_second);
        const auto begun = wall_seconds();
        auto next_kill = begun;
        for (std::size_t i = 0; i < gets; ++i) {
            wait_until(begun + static_cast<double>(i) / gets_per_second);
            if (wall_seconds() >= next_kill) {
                next_kill += seconds_between_kills;
                replace();
            }
            get(i, i < gets / 2 ? first_half_ : last_half_);
        }
        std::this_thread::sleep_for(patience);
        first_half_.print(name_, "first half");
        last_half_.print(name_, "last half");
    }

    void end() {
        for (auto& group : groups_) group.kill();
    }

private:
    void come() {
        groups_.emplace_back(command_, Place{next_port_, together, port_});
        next_port_ = static_cast<std::uint16_t>(next_port_ + together);
    }
    void replace() {
        groups_.front().kill();
        groups_.pop_front();
        come();
    }

    void get(std::size_t number, Gets& gets) {
        const auto value = number % values;
        // Never the one who has put it.
        const auto asker = (value + 1 + number / values % (stable - 1)) % stable;
        gets.begin();
        swarm_->get(asker, value,
                    [&gets, begun = wall_seconds()](bool good) { gets.ended(wall_seconds() - begun, good); });
    }

    std::vector<std::string> command_;
    const char* name_;
    std::uint16_t port_;
    std::uint16_t next_port_;
    std::deque<Group> groups_;  // those that come and go
    std::atomic<std::size_t> stored_{0};
    Gets first_half_;
    Gets last_half_;
    std::unique_ptr<Swarm> swarm_;
};

[[noreturn]] void churn(std::vector<std::string> command, const char* name, std::uint16_t port,
                        const MakeSwarm& make, double seconds) {
    Churn all{std::move(command), name, port, make};
    all.put();
    all.get(seconds);
    all.end();
    _exit(0);  // some of these libraries take their time to leave
}

std::uint16_t number(const std::string& word) {
    return static_cast<std::uint16_t>(std::atoi(word.c_str()));
}

}  // namespace

void run(const std::vector<std::string>& command, std::size_t at, const char* name, std::uint16_t port,
         const MakeSwarm& make) {
    const std::vector<std::string> words{command.begin() + static_cast<std::ptrdiff_t>(at), command.end()};
    std::vector<std::string> same{command.begin(), command.begin() + static_cast<std::ptrdiff_t>(at)};
    if (words.empty()) drive(name, port, make);
    if (words.size() == 2 && words[0] == "churn") churn(std::move(same), name, port, make, number(words[1]));
    if (words.size() == 4 && words[0] == "nodes") {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        const auto swarm = make({number(words[1]), number(words[2]), number(words[3])});
        for (;;) pause();
    }
}

}  // namespace bench
