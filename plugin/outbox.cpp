// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/outbox.h"

#include <utility>

namespace plugin {

void Outbox::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    ready_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

void Outbox::post(const std::shared_ptr<Queue>& queue, Task task) {
    const std::lock_guard lock{mutex_};
    schedule(queue, task);
}

bool Outbox::post_feedback(const std::shared_ptr<Queue>& queue, Task task) {
    const std::lock_guard lock{mutex_};
    if (queue->tasks.size() >= feedback_queued_max) return false;
    return schedule(queue, task);
}

bool Outbox::schedule(const std::shared_ptr<Queue>& queue, Task& task) {
    if (stopping_) return false;
    queue->tasks.push_back(std::move(task));
    if (std::exchange(queue->scheduled, true)) return true;
    runnable_.push_back(queue);
    if (runnable_.size() > idle_ && threads_.size() < workers_max) threads_.emplace_back([this] { work(); });
    ready_.notify_one();
    return true;
}

void Outbox::work() {
    std::unique_lock lock{mutex_};
    while (true) {
        ++idle_;
        ready_.wait(lock, [this] { return stopping_ || !runnable_.empty(); });
        --idle_;
        if (runnable_.empty()) return;  // stopping, and nothing is left
        const auto queue = std::move(runnable_.front());
        runnable_.pop_front();
        Task task = std::move(queue->tasks.front());
        queue->tasks.pop_front();

        lock.unlock();
        task();
        task = nullptr;  // what it captured may be the last reference to a handle: not under the lock
        lock.lock();

        queue->scheduled = !queue->tasks.empty();
        if (!queue->scheduled) continue;
        runnable_.push_back(queue);
        ready_.notify_one();
    }
}

}  // namespace plugin
