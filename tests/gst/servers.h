// SPDX-License-Identifier: LGPL-2.1-or-later
/// Two servers in one process, whose signalling is a post to each other's loop.
#pragma once

#include <glib.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "federation/glib/loop.h"
#include "gst/trunks.h"

namespace tests {

using Bytes = std::vector<std::uint8_t>;

/// Whether `condition` comes true in time. Looks every millisecond: some of what tests wait for (the
/// process's threads, say) tells nobody.
inline bool eventually(const std::function<bool()>& condition, double seconds = 15) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>{seconds};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}

inline std::size_t entries(const char* directory) {
    const std::filesystem::directory_iterator all{directory};
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}
inline std::size_t threads() {
    return entries("/proc/self/task");
}
inline std::size_t descriptors() {
    return entries("/proc/self/fd");
}

inline dht::NodeId node(std::uint8_t first) {
    dht::NodeId id;
    id.octets[0] = first;
    return id;
}

/// Keeps what it receives.
class Collector final : public gst::LaneReceiver {
public:
    struct Packet {
        gst::PacketKind kind;
        std::uint8_t stream;
        Bytes bytes;
        auto operator<=>(const Packet&) const = default;
    };

    struct Data {
        std::string label, protocol;
        bool binary;
        Bytes bytes;
        bool operator==(const Data&) const = default;
        [[nodiscard]] gst::DataMessage view() const { return {label, protocol, binary, bytes}; }
    };

    void receive(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override {
        const std::lock_guard lock{mutex_};
        packets_.push_back({kind, stream, {packet.begin(), packet.end()}});
    }
    void receive_data(const gst::DataMessage& message) override {
        const std::lock_guard lock{mutex_};
        data_.push_back({std::string{message.label},
                         std::string{message.protocol},
                         message.binary,
                         {message.bytes.begin(), message.bytes.end()}});
    }
    void data_drained() override { ++drained; }
    void available_changed(std::uint64_t) override { ++limits; }
    [[nodiscard]] std::vector<Data> data() const {
        const std::lock_guard lock{mutex_};
        return data_;
    }
    [[nodiscard]] std::size_t data_count() const {
        const std::lock_guard lock{mutex_};
        return data_.size();
    }
    std::atomic<int> drained = 0;
    std::atomic<unsigned> limits = 0;  ///< times that another was told

    [[nodiscard]] std::vector<Packet> packets() const {
        const std::lock_guard lock{mutex_};
        return packets_;
    }
    [[nodiscard]] std::size_t count() const {
        const std::lock_guard lock{mutex_};
        return packets_.size();
    }

private:
    mutable std::mutex mutex_;
    std::vector<Packet> packets_;
    std::vector<Data> data_;
};

inline gst::TrunkConfig loopback_config() {
    gst::TrunkConfig config;
    config.addresses = {"127.0.0.1"};
    return config;
}

class Server {
public:
    explicit Server(std::uint8_t name, gst::TrunkConfig config = loopback_config())
        : id(node(name)), config_(std::move(config)) {
        start();
    }
    ~Server() { stop(); }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void start() {
        loop.run([this] {
            gst::Trunks::Callbacks callbacks{
                .signal = [this](const dht::NodeId& peer,
                                 federation::TrunkSignal signal) { send(peer, std::move(signal)); },
                .up = [this](const dht::NodeId&) { ++ups; },
                .failed =
                    [this](const dht::NodeId&, federation::Reason reason) {
                        last_reason = reason;
                        ++failures;
                    }};
            trunks = std::make_unique<gst::Trunks>(loop, id, config_, std::move(callbacks));
        });
    }
    void stop() {
        loop.run([this] { trunks.reset(); });
    }

    void require(const Server& peer) {
        loop.run([&] { trunks->require(peer.id); });
    }
    void release(const Server& peer) {
        loop.run([&] { trunks->release(peer.id); });
    }
    std::shared_ptr<gst::Lane> open(const Server& peer, federation::LaneId lane,
                                    std::shared_ptr<gst::LaneReceiver> receiver) {
        std::shared_ptr<gst::Lane> opened;
        loop.run([&] { opened = trunks->open(peer.id, lane, std::move(receiver)); });
        return opened;
    }
    void signalled(const Server& from, federation::TrunkSignal signal) {
        loop.run([&] { trunks->signalled(from.id, signal); });
    }
    bool is_up(const Server& peer) {
        bool up = false;
        loop.run([&] { up = trunks->is_up(peer.id); });
        return up;
    }
    std::vector<gst::TrunkStats> stats() {
        std::vector<gst::TrunkStats> all;
        loop.run([&] { all = trunks->stats(); });
        return all;
    }

    const dht::NodeId id;
    glib::Loop loop;
    std::unique_ptr<gst::Trunks> trunks;
    std::atomic<int> ups = 0, failures = 0, signals = 0;
    std::atomic<federation::Reason> last_reason = federation::Reason::none;
    std::atomic<bool> signalling = true;
    /// What becomes of a signal to each peer. On the loop.
    std::map<dht::NodeId, std::function<void(federation::TrunkSignal)>> wires;

private:
    void send(const dht::NodeId& peer, federation::TrunkSignal signal) {
        ++signals;
        const auto wire = wires.find(peer);
        if (signalling && wire != wires.end()) wire->second(std::move(signal));
    }
    gst::TrunkConfig config_;
};

/// Lets the signals of each reach the other.
inline void join(Server& a, Server& b) {
    const auto to = [](Server& from, Server& at) {
        from.loop.run([&] {
            from.wires[at.id] = [&from, &at](federation::TrunkSignal signal) {
                at.loop.post([&from, &at, signal = std::move(signal)] {
                    if (at.trunks && at.signalling) at.trunks->signalled(from.id, signal);
                });
            };
        });
    };
    to(a, b);
    to(b, a);
}

/// Cuts signalling before either dies.
struct Joined {
    Server& a;
    Server& b;
    Joined(Server& one, Server& other) : a(one), b(other) { join(a, b); }
    ~Joined() { a.signalling = b.signalling = false; }
};

inline Bytes packet_of(std::size_t size, std::uint32_t number) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(number * 31 + i * 7);
    return bytes;
}

}  // namespace tests
