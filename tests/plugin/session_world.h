// SPDX-License-Identifier: GPL-3.0-or-later
/// One session with nothing real around it, for the tests of its requests and of its calls.
#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <string>

#include "plugin/json.h"
#include "plugin/session.h"
#include "tests/plugin/fakes.h"

namespace tests {

inline const std::string sdp =
    "v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\n";
inline const std::string offer = R"({"type":"offer","sdp":")" + sdp + "\"}";
inline const std::string answer = R"({"type":"answer","sdp":")" + sdp + "\"}";
inline const std::string renegotiation = R"({"type":"offer","sdp":")" + sdp + R"(","update":true})";
inline const auto peer = *dht::NodeId::from_hex("ab00000000000000000000000000000000000000");

/// `ask` is the browser; the federation is `session` itself.
/// What the core was asked is complete only after `finish`, and then without what `begin` saw.
struct World {
    FakeHandle handle;
    FakeGateway gateway;
    plugin::Outbox outbox;
    FakeHost host;
    std::shared_ptr<plugin::Session> session = std::make_shared<plugin::Session>(
        host, gateway, outbox, std::make_shared<plugin::Handle>(&handle.session),
        plugin::Outbox::make_queue());

    World() = default;
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World() {
        if (session) session->destroy();
    }

    void ask(const std::string& transaction, const std::string& message, const std::string& jsep = "") const {
        session->handle(transaction, plugin::load(message), plugin::load(jsep));
    }
    /// What follows is what the test is about.
    void begin() {
        ask("begin", R"({"request":"list"})");
        host.lines.clear();
        host.jseps.clear();
    }
    Lines finish() {
        outbox.stop();
        const Lines all = gateway.lines();
        const auto mark =
            std::ranges::find_if(all, [](const auto& line) { return line.rfind("begin list", 0) == 0; });
        return mark == all.end() ? all : Lines(mark + 1, all.end());
    }

    // The ways to each state.
    void registered() const {
        ask("r", R"({"request":"register","username":"alice"})");
        session->registered("70ce");
    }
    void resolving() const {
        registered();
        ask("c", R"({"request":"call","username":"bob"})", offer);
    }
    void ringing_out() const {
        resolving();
        session->proceeding({"call-1", peer, 7});
        session->ringing();
    }
    void ringing_in() const {
        registered();
        session->incoming({"call-1", "bob", "alice", peer, 7, offer});
    }
    void talking() const {
        ringing_out();
        session->accepted(answer);
    }
    void talking_as_callee() const {
        ringing_in();
        ask("a", R"({"request":"accept"})", answer);
    }
    [[nodiscard]] std::string state() const {
        return json_string_value(json_object_get(session->info().get(), "state"));
    }
};

using Way = void (World::*)() const;
/// Every state with a call in it.
inline constexpr Way in_call[] = {&World::resolving, &World::ringing_out, &World::ringing_in, &World::talking,
                                  &World::talking_as_callee};

/// Each test of a state gets a world of its own.
inline void in_each_call(const std::function<void(World&)>& test) {
    for (const Way way : in_call) {
        World world;
        (world.*way)();
        world.begin();
        test(world);
    }
}

}  // namespace tests
