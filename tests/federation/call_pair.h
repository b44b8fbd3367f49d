// SPDX-License-Identifier: LGPL-2.1-or-later
/// Two servers of three, with a user each.
#pragma once

#include <string>

#include "tests/check.h"
#include "tests/federation/world.h"

namespace tests {

using namespace federation;

inline const std::string offer = R"({"type":"offer","sdp":"v=0\r\n"})";
inline const std::string answer = R"({"type":"answer","sdp":"v=0\r\n"})";

struct Pair {
    World world;
    World::Host* a = nullptr;
    World::Host* b = nullptr;
    CallId call;

    explicit Pair(const Config& config = {}) {
        const auto all = world.federate(3, config);
        a = all[1];
        b = all[2];
        world.register_user(*a, "alice");
        world.register_user(*b, "bob");
    }

    void invite() {
        call = (*a)->call("alice", "bob", offer, world.now());
        ck_assert(world.wait<CallIncoming>(*b));
    }
    void ring() {
        invite();
        (*b)->ringing(call, world.now());
        ck_assert(world.wait<CallRinging>(*a));
    }
    void talk() {
        invite();
        (*b)->accept(call, answer, world.now());
        ck_assert(world.wait<CallAccepted>(*a));
    }
};

}  // namespace tests
