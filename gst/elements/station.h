// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dht/node_id.h"
#include "federation/glib/loop.h"
#include "gst/elements/member.h"
#include "gst/elements/node_settings.h"
#include "gst/worker.h"

namespace elements {

/// Opens once.
class Gate {
public:
    void open();
    /// Until it is open; or, then false, until `called_off` is set and somebody pokes.
    bool wait(const std::atomic<bool>& called_off);
    void poke();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

/// The node that elements share: a loop, a member of the federation on it, its trunks. It starts on a thread
/// of its own, so that no application waits for keys, sockets or other nodes; what it is given to do
/// meanwhile is kept. Got from `Station::acquire`; the last to let go ends it.
class Station {
public:
    /// Neither blocks nor touches the network. An error: the settings are malformed, or another element of
    /// this process uses the identity with other ones.
    static federation::Result<std::shared_ptr<Station>> acquire(const NodeSettings& settings);
    /// Waits until every node of this process that has ended has also said goodbye: half a second each.
    static void wait_for_goodbyes();

    using Task = std::function<void(Member&)>;
    using Failed = std::function<void(const std::string& what)>;
    /// From any thread: runs `task` on the loop, once the node is there. If it never will be, `failed` is
    /// called instead, on the thread of `notices`. After the end neither is called.
    void post(Task task, Failed failed = {});
    /// Where applications are told things: what they do in a signal handler holds nobody up but each other.
    [[nodiscard]] gst::Worker& notices() { return *notices_; }
    [[nodiscard]] const NodeSettings& settings() const { return plan_.settings; }

    explicit Station(NodePlan plan, std::shared_ptr<Gate> predecessor);
    ~Station();
    Station(const Station&) = delete;
    Station& operator=(const Station&) = delete;

private:
    struct Pending {
        Task task;
        Failed failed;
    };

    static void retire(Station* station);
    void start();
    void begin(const dht::Identity& identity);
    void failed(const std::string& what);
    /// The pipelines of trunks are gone when it returns: the application may end GStreamer then.
    void stop_media();

    const NodePlan plan_;
    const std::shared_ptr<Gate> predecessor_;  ///< open when the node that had the identity before has ended
    const std::shared_ptr<Gate> gone_ = std::make_shared<Gate>();
    std::unique_ptr<gst::Worker> notices_ = std::make_unique<gst::Worker>();

    std::mutex mutex_;  ///< guards what follows; never held while anything is called
    std::vector<Pending> pending_;
    std::optional<std::string> failure_;
    bool started_ = false;
    std::atomic<bool> stopping_ = false;

    std::unique_ptr<glib::Loop> loop_;
    std::unique_ptr<Member> member_;
    std::thread starter_, warm_up_;
};

}  // namespace elements
