// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <glib-unix.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "dht/crypto.h"
#include "federation/glib/loop.h"
#include "federation/glib/udp.h"
#include "tools/progress.h"

namespace tools {

/// A dht::Node, or what else is driven as one, on a UDP socket and a loop of its own, for a command
/// that waits on the main thread. Every wait has an end: others may be silent or hostile.
template <class Machine>
class Driver {
public:
    using Clock = std::chrono::steady_clock;
    using Event = typename decltype(std::declval<Machine&>().poll_event())::value_type;

    /// Binds any port; throws std::runtime_error when it cannot. The machine is made of the arguments
    /// and a source of chance.
    template <class... Arguments>
    explicit Driver(bool v6, Arguments&&... arguments)
        : machine_(std::forward<Arguments>(arguments)..., random_) {
        loop_.run([&] {
            glib::UdpSocket::OnRefused refused;
            if constexpr (requires { machine_.unreachable(dht::Endpoint{}, dht::Now{}); }) {
                refused = [this](const dht::Endpoint& to) { machine_.unreachable(to, glib::now()); };
            }
            socket_.emplace(
                loop_, v6 ? dht::Endpoint{} : dht::Endpoint::v4({}, 0), [this] { read(); }, refused);
            timer_.emplace(loop_, [this] {
                machine_.advance(glib::now());
                drain();
            });
        });
    }

    ~Driver() {
        loop_.run([this] {
            signals_.clear();
            timer_.reset();
            socket_.reset();
        });
    }

    /// Runs `change` on the machine with the current time, then sends what came of it.
    template <class Change>
    auto change(Change change) {
        using Result = std::invoke_result_t<Change&, Machine&, dht::Now>;
        std::conditional_t<std::is_void_v<Result>, std::monostate, std::optional<Result>> result;
        loop_.run([&] {
            if constexpr (std::is_void_v<Result>) {
                change(machine_, glib::now());
            } else {
                result.emplace(change(machine_, glib::now()));
            }
            drain();
        });
        if constexpr (!std::is_void_v<Result>) return std::move(*result);
    }

    /// The next event; nothing when `deadline` comes first, or SIGINT or SIGTERM, if they are minded.
    std::optional<Event> next(Clock::time_point deadline, Progress* progress = nullptr) {
        std::unique_lock lock{mutex_};
        for (;;) {
            const auto until = progress ? std::min(deadline, progress->due()) : deadline;
            if (told_.wait_until(lock, until, [this] { return interrupted_ || !events_.empty(); })) break;
            if (progress) progress->tick();
            if (Clock::now() >= deadline) return std::nullopt;
        }
        if (events_.empty()) return std::nullopt;
        auto event = std::move(events_.front());
        events_.pop_front();
        return event;
    }

    /// The next event of this kind; others before it are passed over.
    template <class Wanted>
    std::optional<Wanted> wait_for(std::chrono::milliseconds patience, Progress* progress = nullptr) {
        const auto deadline = Clock::now() + patience;
        while (auto event = next(deadline, progress)) {
            if (auto* wanted = std::get_if<Wanted>(&*event)) return std::move(*wanted);
        }
        return std::nullopt;
    }

    /// The end of a put: a quorum alone is no reason to leave.
    template <class Stored>
    std::optional<Stored> wait_for_the_end(std::chrono::milliseconds patience, Progress* progress = nullptr) {
        auto stored = wait_for<Stored>(patience, progress);
        while (stored && !stored->complete) stored = wait_for<Stored>(patience, progress);
        return stored;
    }

    /// From now on these signals end a wait, not the process.
    void mind_interrupts() {
        loop_.run([this] {
            for (const int signal : {SIGINT, SIGTERM}) {
                glib::Source source{g_unix_signal_source_new(signal)};
                const GSourceFunc heard = [](gpointer self) -> gboolean {
                    static_cast<Driver*>(self)->interrupt();
                    return G_SOURCE_CONTINUE;
                };
                g_source_set_callback(source.get(), heard, this, nullptr);
                g_source_attach(source.get(), loop_.context());
                signals_.push_back(std::move(source));
            }
        });
    }
    [[nodiscard]] bool interrupted() {
        const std::lock_guard lock{mutex_};
        return interrupted_;
    }

    /// Waits until no datagram has come or gone for `quiet`, but not beyond `most`. For what tells of
    /// no end, such as a withdrawal.
    void wait_until_quiet(std::chrono::milliseconds quiet, std::chrono::milliseconds most) {
        const auto end = Clock::now() + most;
        std::unique_lock lock{mutex_};
        while (Clock::now() < std::min(end, moved_ + quiet))
            told_.wait_until(lock, std::min(end, moved_ + quiet));
    }

private:
    /// Then the loop looks after its other work before it reads on.
    static constexpr int datagrams_per_turn = 64;

    void interrupt() {
        const std::lock_guard lock{mutex_};
        interrupted_ = true;
        told_.notify_all();
    }

    void read() {
        for (int i = 0; i < datagrams_per_turn; ++i) {
            const auto received = socket_->receive();
            if (!received) break;
            machine_.receive(received->payload, received->from, glib::now());
        }
        drain();
    }

    void drain() {
        const std::lock_guard lock{mutex_};
        moved_ = Clock::now();
        while (auto datagram = machine_.poll_datagram()) socket_->send(std::move(*datagram));
        socket_->flush();
        while (auto event = machine_.poll_event()) events_.push_back(std::move(*event));
        if (!events_.empty()) told_.notify_all();
        if (const auto when = machine_.deadline()) {
            timer_->arm(*when);
        } else {
            timer_->disarm();
        }
    }

    dht::SystemRandom random_;
    Machine machine_;
    std::mutex mutex_;
    std::condition_variable told_;
    std::deque<Event> events_;
    bool interrupted_ = false;
    Clock::time_point moved_ = Clock::now();
    std::optional<glib::UdpSocket> socket_;
    std::optional<glib::Timer> timer_;
    std::vector<glib::Source> signals_;
    glib::Loop loop_;  // last: nothing of the above moves while it runs, nor after it has ended
};

}  // namespace tools
