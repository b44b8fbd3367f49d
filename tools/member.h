// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "dht/crypto.h"
#include "federation/glib/contacts_file.h"
#include "federation/glib/loop.h"
#include "federation/glib/membership_watch.h"
#include "federation/glib/runner.h"
#include "tools/asker.h"
#include "tools/options.h"
#include "tools/progress.h"

namespace tools {

/// A member of the federation on a loop of its own, for a command that runs on the main thread.
class Member {
public:
    /// Binds, and begins to join. Throws std::runtime_error that says what to do.
    Member(const Options& options, const Self& self, const glib::Listen& listen);
    ~Member();

    void change(const std::function<void(federation::Server&, dht::Now)>& change);
    [[nodiscard]] dht::Endpoint dht_endpoint();

    /// The next event of this kind; others before it are passed over. Nothing in time: nothing.
    template <class Event>
    std::optional<Event> wait_for(std::chrono::milliseconds patience, Progress* progress = nullptr) {
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (auto event = next(deadline, progress))
            if (auto* wanted = std::get_if<Event>(&*event)) return std::move(*wanted);
        return std::nullopt;
    }

private:
    void watch_membership(const Options& options, const Self& self);
    void keep_contacts(const std::string& path, std::vector<dht::Endpoint>& bootstrap);
    std::optional<federation::Event> next(std::chrono::steady_clock::time_point deadline, Progress* progress);

    std::mutex mutex_;
    std::condition_variable told_;
    std::deque<federation::Event> events_;
    std::unique_ptr<glib::Loop> loop_;
    std::unique_ptr<glib::Runner> runner_;
    std::optional<glib::ContactsFile> contacts_;       ///< of a node that comes back
    std::optional<glib::MembershipWatch> membership_;  ///< of a closed federation
};

}  // namespace tools
