// SPDX-License-Identifier: GPL-3.0-or-later
/// The world around the plugin's classes, written down line by line.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "federation/owner.h"
#include "plugin/gateway.h"
#include "plugin/json.h"
#include "plugin/session.h"
#include "tests/plugin/packets.h"
#include "tests/plugin/same.h"

namespace tests {

/// A handle as the core makes one: the plugin's share is the only one left.
struct FakeHandle {
    FakeHandle() {
        session.ref.count = 1;
        session.ref.free = [](const janus_refcount*) {};
    }
    /// Whether the share was given back, exactly once.
    [[nodiscard]] bool released() const { return session.ref.count == 0; }

    janus_plugin_session session{};
};

/// "registered username=alice", "list alice carol", "error 478 unknown-user: …"; the shape around it is
/// what events_test looks at.
inline std::string describe(const json_t* event) {
    const auto text = [](const json_t* value) {
        return json_is_string(value) ? std::string{json_string_value(value)} : plugin::dump(value);
    };
    if (const json_t* code = json_object_get(event, "error_code"))
        return "error " + plugin::dump(code) + " " + text(json_object_get(event, "reason")) + ": " +
               text(json_object_get(event, "error")) +
               (json_object_get(event, "alternates") ? " " + text(json_object_get(event, "alternates")) : "");
    json_t* result = json_object_get(event, "result");
    // An event of VideoRoom's has no result around it.
    const json_t* videoroom = json_object_get(event, "videoroom");
    if (videoroom) result = const_cast<json_t*>(event);
    std::string line = text(videoroom ? videoroom : json_object_get(result, "event"));
    const char* key = nullptr;
    json_t* value = nullptr;
    if (const json_t* list = json_object_get(result, "list")) {
        line = "list";
        for (std::size_t i = 0; i < json_array_size(list); ++i) line += " " + text(json_array_get(list, i));
    }
    json_object_foreach(result, key, value) {
        if (std::string_view{key} != "event" && std::string_view{key} != "list" &&
            std::string_view{key} != "videoroom")
            line += std::string{" "} + key + "=" + text(value);
    }
    return line;
}

/// Writes down what the core is asked, from any thread. An event's line begins with its transaction, or
/// with "-", and ends in the type of its JSEP.
class FakeGateway final : public plugin::Gateway {
public:
    bool push_event(const plugin::Handle& /*handle*/, const std::string& transaction, json_t* message,
                    json_t* jsep) override {
        if (jsep && refusals.load() > 0) {
            --refusals;
            return false;
        }
        const char* type = json_string_value(json_object_get(jsep, "type"));
        write((transaction.empty() ? "-" : transaction) + " " + describe(message) +
              (jsep ? std::string{" +"} + (type ? type : "?") : ""));
        const std::lock_guard lock{mutex_};
        if (jsep) jseps_.push_back(plugin::dump(jsep));
        return true;
    }
    std::atomic<int> refusals{0};  ///< of events with a description, from now on

    void relay_rtp(const plugin::Handle& /*handle*/, janus_plugin_rtp& packet) override {
        const std::lock_guard lock{mutex_};
        rtp_.push_back(packet);
        rtp_.back().buffer = nullptr;
        bodies_.emplace_back(packet.buffer, packet.buffer + packet.length);
    }
    void relay_data(const plugin::Handle& /*handle*/, janus_plugin_data& message) override {
        write(std::string{"data "} + (message.binary ? "binary " : "text ") +
              (message.label ? message.label : "-") + "/" + (message.protocol ? message.protocol : "-") +
              ": " + std::string{message.buffer, std::min<std::size_t>(message.length, 20)});
    }
    void relay_rtcp(const plugin::Handle& /*handle*/, janus_plugin_rtcp& packet) override {
        write("rtcp stream=" + std::to_string(packet.mindex) + (packet.video ? " video" : " audio") +
              " octets=" + std::to_string(packet.length));
    }
    void send_pli(const plugin::Handle& /*handle*/) override { write("pli"); }
    void send_pli_stream(const plugin::Handle& /*handle*/, int mindex) override {
        write("pli stream=" + std::to_string(mindex));
    }
    void send_remb(const plugin::Handle& /*handle*/, std::uint32_t bits_per_second) override {
        write("remb " + std::to_string(bits_per_second));
    }
    void close_pc(const plugin::Handle& /*handle*/) override { write("close_pc"); }
    void notify(const plugin::Handle& /*handle*/, json_t* event) override {
        const std::lock_guard lock{mutex_};
        notified_.push_back(plugin::dump(event));
    }

    void notify(json_t* event) override {
        const std::lock_guard lock{mutex_};
        notified_.push_back(plugin::dump(event));
    }

    [[nodiscard]] bool signs_tokens() const override { return false; }
    [[nodiscard]] bool is_signed(const std::string& /*token*/,
                                 const std::string& /*descriptor*/) const override {
        return false;
    }

    [[nodiscard]] Lines lines() const { return copy(lines_); }
    /// For Janus's event handlers.
    [[nodiscard]] Lines notified() const { return copy(notified_); }
    [[nodiscard]] Lines jseps() const { return copy(jseps_); }
    /// The packets without what they point at, and what that was.
    [[nodiscard]] std::vector<janus_plugin_rtp> rtp() const { return copy(rtp_); }
    [[nodiscard]] std::vector<Octets> bodies() const { return copy(bodies_); }

private:
    void write(std::string line) {
        const std::lock_guard lock{mutex_};
        lines_.push_back(std::move(line));
    }
    template <class T>
    T copy(const T& what) const {
        const std::lock_guard lock{mutex_};
        return what;
    }

    mutable std::mutex mutex_;
    Lines lines_, notified_, jseps_;
    std::vector<janus_plugin_rtp> rtp_;
    std::vector<Octets> bodies_;
};

/// One end of a lane that leads nowhere.
class FakeLane final : public gst::Lane {
public:
    explicit FakeLane(std::shared_ptr<gst::LaneReceiver> to) : receiver(std::move(to)) {}

    bool send(gst::PacketKind kind, std::uint8_t stream, std::span<const std::uint8_t> packet) override {
        sent.push_back(std::string{kind == gst::PacketKind::rtp ? "rtp" : "rtcp"} +
                       " stream=" + std::to_string(stream) + " octets=" + std::to_string(packet.size()));
        packets.emplace_back(packet.begin(), packet.end());
        return true;
    }
    gst::DataVerdict send_data(const gst::DataMessage& message) override {
        if (data_verdict == gst::DataVerdict::taken)
            sent.push_back("data label=" + std::string{message.label} +
                           " octets=" + std::to_string(message.bytes.size()));
        return data_verdict;
    }
    void accept_data() override { accepts_data = true; }
    [[nodiscard]] std::size_t data_buffered() const override { return 0; }
    [[nodiscard]] gst::LaneStats stats() const override { return {.packets_sent = sent.size()}; }
    [[nodiscard]] std::uint64_t available() const override { return carries; }

    std::uint64_t carries = gst::unlimited;
    Lines sent;
    std::vector<Octets> packets;
    gst::DataVerdict data_verdict = gst::DataVerdict::taken;
    bool accepts_data = false;
    std::shared_ptr<gst::LaneReceiver> receiver;
};

/// The server around a session: writes down what it is asked. Its calls are "call-1", "call-2", …
class FakeHost final : public plugin::Session::Host {
public:
    [[nodiscard]] std::vector<std::string> users() const override { return {"alice", "carol"}; }
    void register_user(const std::shared_ptr<plugin::Session>& /*session*/, const std::string& user,
                       const std::optional<federation::OwnerToken>& token) override {
        lines.push_back("register " + user + (token ? " with " + federation::to_text(*token) : ""));
    }
    void unregister_user(const std::string& user) override { lines.push_back("unregister " + user); }
    federation::CallId call(const std::shared_ptr<plugin::Session>& /*session*/, const std::string& callee,
                            const std::string& jsep, bool direct) override {
        lines.push_back("call " + callee + (direct ? " directly" : ""));
        jseps.push_back(jsep);
        return "call-" + std::to_string(++calls_);
    }
    void ringing(const federation::CallId& call) override { lines.push_back("ringing " + call); }
    void accept(const federation::CallId& call, const std::string& jsep, bool direct) override {
        lines.push_back("accept " + call + (direct ? " directly" : ""));
        jseps.push_back(jsep);
    }
    void update(const federation::CallId& call, const std::string& jsep, bool direct) override {
        lines.push_back("update " + call + (direct ? " directly" : ""));
        jseps.push_back(jsep);
    }
    void candidate(const federation::CallId& call, const std::string& candidate) override {
        lines.push_back("candidate " + call + " " + candidate);
    }
    void bridge(const federation::CallId& call, const std::string& jsep) override {
        lines.push_back("bridge " + call + (jsep.empty() ? "" : " with"));
        if (!jsep.empty()) jseps.push_back(jsep);
    }
    void count_direct(const char* result) override { lines.push_back(std::string{"direct "} + result); }
    [[nodiscard]] std::chrono::milliseconds direct_timeout() const override {
        return std::chrono::seconds{8};
    }
    void bye(const federation::CallId& call, federation::Reason reason, const std::string& text) override {
        lines.push_back("bye " + call + " " + std::string{federation::word(reason)} +
                        (text.empty() ? "" : ": " + text));
    }
    std::shared_ptr<gst::Lane> open_lane(const dht::NodeId& peer, federation::LaneId number,
                                         std::shared_ptr<gst::LaneReceiver> receiver) override {
        lines.push_back("lane " + std::to_string(number) + " to " + peer.hex().substr(0, 2));
        if (lanes_full) return nullptr;
        const auto opened = std::make_shared<FakeLane>(std::move(receiver));
        lane = opened;
        return opened;
    }

    void lookup(const std::shared_ptr<plugin::Session>& session, const std::string& user,
                std::function<void(plugin::Session&, const plugin::Found&)> task) override {
        lines.push_back("lookup " + user);
        found = [weak = std::weak_ptr{session}, task = std::move(task)](const plugin::Found& what) {
            if (const auto target = weak.lock()) task(*target, what);
        };
    }
    [[nodiscard]] plugin::KnownNodes nodes() const override { return {"ab", {{"cd", "192.0.2.1:7773"}}, 2}; }
    std::shared_ptr<plugin::Recording> record(const std::string& name, const std::string& usual,
                                              const std::vector<plugin::MLine>& mlines,
                                              bool encrypted) override {
        const std::string base = name.empty() ? usual.substr(0, usual.rfind('-')) : name;
        lines.push_back("record " + base + (encrypted ? " encrypted" : ""));
        return std::make_shared<plugin::Recording>(disk, base, mlines, encrypted);
    }
    void post(const std::shared_ptr<plugin::Session>& session,
              std::function<void(plugin::Session&)> task) override {
        posted = [session, task = std::move(task)] { task(*session); };
    }
    void after(std::chrono::milliseconds /*delay*/, const std::shared_ptr<plugin::Session>& session,
               std::function<void(plugin::Session&)> task) override {
        later = [weak = std::weak_ptr{session}, task = std::move(task)] {
            if (const auto target = weak.lock()) task(*target);
        };
    }

    plugin::Outbox disk;
    Lines lines, jseps;
    std::function<void(const plugin::Found&)> found;  ///< answers the look-up
    std::function<void()> posted;                     ///< what another thread has posted
    std::function<void()> later;                      ///< what is due when time has passed
    std::weak_ptr<FakeLane> lane;                     ///< the one that was opened last, while it is open
    bool lanes_full = false;

private:
    int calls_ = 0;
};

}  // namespace tests
