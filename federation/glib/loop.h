// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <functional>
#include <thread>

#include "dht/time.h"
#include "federation/glib/ptr.h"

namespace glib {

/// Both clocks, read once.
dht::Now now();

/// The one thread that owns all control state: a private GMainContext, never the default one, which
/// Janus's main thread iterates. Other threads only `post`.
class Loop {
public:
    using Task = std::function<void()>;

    Loop();
    /// Runs what was posted before, then joins. Tasks posted later are dropped.
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// From any thread, the loop's included: runs `task` on the loop later, never inside this call.
    void post(Task task);
    /// As `post`, but not before `delay` has passed. Not run, but freed, if the loop ends before.
    void post_after(std::chrono::milliseconds delay, Task task);
    /// Runs `task` on the loop and waits for it; what it throws is thrown here. Not from the loop itself.
    void run(const Task& task);

    [[nodiscard]] bool is_current() const;
    /// For attaching sources; only on the loop.
    [[nodiscard]] GMainContext* context() const { return context_.get(); }

private:
    void attach(Source source, Task task);

    Ptr<GMainContext> context_;
    Ptr<GMainLoop> main_loop_;
    std::thread thread_;
};

/// Calls `on_fire` on the loop at a given time. One permanent source, re-armed. Firing may destroy
/// the timer. Made, armed and destroyed on the loop.
class Timer {
public:
    Timer(Loop& loop, Loop::Task on_fire);
    void arm(dht::Time when);
    void arm_in(dht::Duration delay);
    void disarm();

private:
    Loop::Task on_fire_;
    Source source_;
};

}  // namespace glib
