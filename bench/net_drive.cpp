// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/net_drive.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

#include "bench/process.h"

namespace bench {

namespace {

constexpr std::size_t values = 200;
/// Between operations that are measured one by one: a put goes on to further nodes when it has been told.
constexpr auto between = std::chrono::milliseconds{5};
/// Half of the nodes are driven; the other half lives in a child that is killed in the end.
constexpr std::size_t nodes_per_process = 32;

/// One operation after another, or several at once, and how long each took.
class Series {
public:
    using Start = std::function<void(std::size_t, Swarm::Done)>;

    void run(std::size_t window, const Start& start) {
        for (std::size_t i = 0; i < values; ++i) {
            wait_for([&] { return under_way_ < window; });
            if (window == 1) std::this_thread::sleep_for(between);
            {
                const std::lock_guard lock{state_->mutex};
                ++under_way_;
            }
            const auto begun = wall_seconds();
            start(i, [this, begun](bool good) { ended(wall_seconds() - begun, good); });
        }
        wait_for([&] { return under_way_ == 0; });
    }

    void print(const char* name, const char* what) {
        const std::lock_guard lock{state_->mutex};
        std::sort(times_.begin(), times_.end());
        const auto at = [&](double share) {
            if (times_.empty()) return 0.0;
            return 1000 * times_[static_cast<std::size_t>(share * static_cast<double>(times_.size() - 1))];
        };
        std::printf(
            "{\"who\":\"%s\",\"what\":\"%s\",\"of\":%zu,\"good\":%zu,\"p50\":%.2f,\"p99\":%.2f,"
            "\"most\":%.2f}\n",
            name, what, values, good_, at(0.5), at(0.99), at(1));
        std::fflush(stdout);
    }

private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
    };

    template <class Condition>
    void wait_for(Condition condition) {
        std::unique_lock lock{state_->mutex};
        // What does not come is not waited for again.
        if (!state_->changed.wait_for(lock, patience, condition)) under_way_ = 0;
    }

    void ended(double seconds, bool good) {
        const std::lock_guard lock{state_->mutex};
        times_.push_back(seconds);
        good_ += good ? 1 : 0;
        under_way_ -= std::min<std::size_t>(under_way_, 1);
        state_->changed.notify_all();
    }

    std::shared_ptr<State> state_ = std::make_shared<State>();
    std::size_t under_way_ = 0;
    std::size_t good_ = 0;
    std::vector<double> times_;
};

}  // namespace

std::optional<What> what_of(std::string_view name) {
    if (name == "items") return What::items;
    if (name == "first") return What::first;
    if (name == "all") return What::all;
    return {};
}

void drive(const char* name, std::uint16_t port, const MakeSwarm& make) {
    const auto other_port = static_cast<std::uint16_t>(port + nodes_per_process);
    Child other{client_cpu, [&] {
                    usleep(1'000'000);  // until there is a first node to be known
                    const auto swarm = make({other_port, nodes_per_process, port});
                    for (;;) pause();
                }};
    const auto swarm = make({port, nodes_per_process, port});
    std::this_thread::sleep_for(settling);

    // They outlive their series: an answer may come after nobody waits for it any more.
    static std::vector<std::unique_ptr<Series>> all;
    const auto series = [&](const char* what, std::size_t window, const Series::Start& start) {
        Series& each = *all.emplace_back(std::make_unique<Series>());
        each.run(window, start);
        each.print(name, what);
    };
    const auto get = [&](std::size_t i, Swarm::Done done) {
        swarm->get((i * 7 + 5) % nodes_per_process, i, std::move(done));
    };
    series("put", 1,
           [&](std::size_t i, Swarm::Done done) { swarm->put(i % nodes_per_process, i, std::move(done)); });
    series("get", 1, get);
    other.kill();
    series("get, half killed", 16, get);
    std::fflush(stdout);
    _exit(0);  // some of these libraries take their time to leave
}

}  // namespace bench
