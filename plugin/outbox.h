// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace plugin {

/// Calls into the Janus core can wait for seconds (a push with an SDP waits for that handle's ICE
/// candidates), so they leave by a few workers: each handle's in order, one slow handle holding up
/// nobody else. From any thread.
class Outbox {
public:
    using Task = std::function<void()>;

    /// Handles that negotiate at once: the rest wait their turn, as they would for the two cores. A worker
    /// is started when there is something to do and none is idle.
    static constexpr std::size_t workers_max = 8;
    /// Media feedback in one queue beyond which more is dropped: it is stale by then.
    static constexpr std::size_t feedback_queued_max = 64;

    /// One handle's queue. Shared by whoever may still post.
    class Queue {
        friend class Outbox;
        std::deque<Task> tasks;
        bool scheduled = false;
    };

    Outbox() = default;
    ~Outbox() { stop(); }
    /// Runs what is queued, then joins. Tasks posted later are dropped.
    void stop();

    static std::shared_ptr<Queue> make_queue() { return std::make_shared<Queue>(); }
    void post(const std::shared_ptr<Queue>& queue, Task task);
    /// As `post`, but dropped when the queue is long. False if it was, or after the stop.
    bool post_feedback(const std::shared_ptr<Queue>& queue, Task task);

private:
    /// Leaves `task` alone, to be let go outside the lock, when it stops.
    bool schedule(const std::shared_ptr<Queue>& queue, Task& task);
    void work();

    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<std::shared_ptr<Queue>> runnable_;
    std::size_t idle_ = 0;  ///< workers that wait
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace plugin
