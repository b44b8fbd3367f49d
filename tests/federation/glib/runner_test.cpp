// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/runner.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/check.h"

namespace {

using namespace std::chrono_literals;
using federation::Reason;

constexpr auto patience = 8s;
const std::string offer = R"({"type":"offer","sdp":"v=0"})";
const std::string answer = R"({"type":"answer","sdp":"v=0"})";

dht::Identity make_identity(std::uint8_t number) {
    dht::Identity::Seed seed{};
    seed.fill(number);
    return dht::Identity{seed};
}

const dht::Endpoint any_port = dht::Endpoint::v4({127, 0, 0, 1}, 0);

/// A server on real sockets whose events the test waits for, on the test's own thread.
class Host {
public:
    explicit Host(std::uint8_t number, federation::Config config = {}) {
        config.signalling = any_port;
        runner_ =
            std::make_unique<glib::Runner>(loop_, make_identity(number), config,
                                           glib::Listen{any_port, any_port}, [this](federation::Event event) {
                                               const std::lock_guard lock{mutex_};
                                               events_.push_back(std::move(event));
                                               arrived_.notify_all();
                                           });
    }

    void change(const std::function<void(federation::Server&, dht::Now)>& change) {
        loop_.run([&] { runner_->change(change); });
    }
    void bootstrap(std::vector<dht::Endpoint> contacts) {
        change([&](auto& server, auto now) { server.bootstrap(contacts, now); });
    }
    void register_user(const std::string& user) {
        change([&](auto& server, auto now) { server.register_user(user, now); });
    }
    federation::CallId call(const std::string& caller, const std::string& callee) {
        federation::CallId id;
        change([&](auto& server, auto now) { id = server.call(caller, callee, offer, now); });
        return id;
    }

    /// The next event of this type; those before it are thrown away.
    template <class T>
    T wait() {
        std::unique_lock lock{mutex_};
        std::optional<T> found;
        const bool came = arrived_.wait_for(lock, patience, [&] {
            while (!events_.empty() && !found) {
                if (auto* event = std::get_if<T>(&events_.front())) found = std::move(*event);
                events_.pop_front();
            }
            return found.has_value();
        });
        ck_assert_msg(came, "no event came");
        return std::move(*found);
    }

    glib::Runner& runner() { return *runner_; }
    glib::Loop& loop() { return loop_; }
    dht::NodeId id() { return runner_->server().id(); }
    void stop() { runner_.reset(); }

private:
    glib::Loop loop_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<federation::Event> events_;
    std::unique_ptr<glib::Runner> runner_;
};

double milliseconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

START_TEST(a_lone_server_registers_and_calls_its_own_users) {
    Host host{1};
    host.bootstrap({});
    host.register_user("alice");
    ck_assert(host.wait<federation::UserRegistered>().user == "alice");
    host.register_user("bob");
    host.wait<federation::UserRegistered>();
    const auto call = host.call("alice", "bob");
    const auto incoming = host.wait<federation::CallIncoming>();
    ck_assert(incoming.peer == host.id());
    ck_assert(incoming.caller == "alice");
    ck_assert(incoming.call != call);
    host.change([&](auto& server, auto now) { server.accept(incoming.call, answer, now); });
    ck_assert(host.wait<federation::CallAccepted>().call == call);
    host.change([&](auto& server, auto now) { server.bye(call, Reason::hangup, "", now); });
    ck_assert(host.wait<federation::CallEnded>().call == incoming.call);
}
END_TEST

START_TEST(two_servers_that_know_a_third_find_and_call_each_other) {
    Host first{1};
    first.bootstrap({});
    Host a{2};
    Host b{3};
    a.bootstrap({first.runner().dht_endpoint()});
    b.bootstrap({first.runner().dht_endpoint()});
    a.wait<federation::NodeJoined>();
    b.wait<federation::NodeJoined>();

    auto start = std::chrono::steady_clock::now();
    a.register_user("alice");
    a.wait<federation::UserRegistered>();
    const auto first_register = milliseconds_since(start);
    start = std::chrono::steady_clock::now();
    b.register_user("bob");
    b.wait<federation::UserRegistered>();
    const auto second_register = milliseconds_since(start);

    double cold = 0;
    double warm = 0;
    for (int round = 0; round < 3; ++round) {
        start = std::chrono::steady_clock::now();
        const auto call = a.call("alice", "bob");
        const auto incoming = b.wait<federation::CallIncoming>();
        (round == 0 ? cold : warm) = milliseconds_since(start);
        ck_assert(incoming.call == call);
        ck_assert(incoming.jsep == offer);
        ck_assert(incoming.peer == a.id());
        const auto proceeding = a.wait<federation::CallProceeding>();
        ck_assert(proceeding.peer == b.id());
        ck_assert_uint_eq(proceeding.lane, incoming.lane);

        b.change([&](auto& server, auto now) { server.ringing(call, now); });
        a.wait<federation::CallRinging>();
        b.change([&](auto& server, auto now) { server.accept(call, answer, now); });
        ck_assert(a.wait<federation::CallAccepted>().jsep == answer);
        a.change([&](auto& server, auto now) { server.signal_trunk(b.id(), {"1f", "offer", "v=0"}, now); });
        ck_assert(b.wait<federation::TrunkSignalled>().signal.body == "v=0");
        a.change([&](auto& server, auto now) { server.update(call, offer, now); });
        b.wait<federation::CallUpdated>();
        b.change([&](auto& server, auto now) { server.bye(call, Reason::hangup, "so long", now); });
        ck_assert(a.wait<federation::CallEnded>().text == "so long");
    }
    g_print("register %.1f and %.1f ms; call to incoming: cold %.1f ms, warm %.2f ms\n", first_register,
            second_register, cold, warm);
}
END_TEST

START_TEST(a_name_is_taken_once_and_free_again_after_it_is_given_up) {
    Host a{1};
    Host b{2};
    a.bootstrap({});
    b.bootstrap({a.runner().dht_endpoint()});
    b.wait<federation::NodeJoined>();
    a.register_user("alice");
    a.wait<federation::UserRegistered>();
    b.register_user("alice");
    ck_assert(b.wait<federation::UserRefused>().reason == Reason::name_taken);
    a.change([&](auto& server, auto now) { server.unregister_user("alice", now); });
    const auto until = std::chrono::steady_clock::now() + patience;
    for (bool registered = false; !registered;) {
        ck_assert(std::chrono::steady_clock::now() < until);
        b.change([&](auto& server, auto now) { server.lookup("alice", now); });
        if (b.wait<federation::UserFound>().server) continue;
        b.register_user("alice");
        registered = b.wait<federation::UserRegistered>().user == "alice";
    }
}
END_TEST

START_TEST(calling_a_user_whom_nobody_has_ends_the_call) {
    Host a{1};
    Host b{2};
    a.bootstrap({});
    b.bootstrap({a.runner().dht_endpoint()});
    b.wait<federation::NodeJoined>();
    b.call("bob", "nobody");
    ck_assert(b.wait<federation::CallEnded>().reason == Reason::unknown_user);
}
END_TEST

START_TEST(a_server_that_stops_ends_its_calls_and_leaves_no_names) {
    Host a{1};
    Host b{2};
    a.bootstrap({});
    b.bootstrap({a.runner().dht_endpoint()});
    b.wait<federation::NodeJoined>();
    b.register_user("bob");
    b.wait<federation::UserRegistered>();
    const auto call = a.call("alice", "bob");
    b.wait<federation::CallIncoming>();
    b.change([&](auto& server, auto now) { server.accept(call, answer, now); });
    a.wait<federation::CallAccepted>();
    b.stop();
    ck_assert(a.wait<federation::CallEnded>().reason == Reason::shutting_down);
    a.call("alice", "bob");
    ck_assert(a.wait<federation::CallEnded>().reason == Reason::unknown_user);
}
END_TEST

START_TEST(a_port_in_use_is_named_in_the_error) {
    Host a{1};
    std::string what;
    try {
        glib::Runner second{a.loop(), make_identity(2), {}, {a.runner().dht_endpoint(), any_port}, {}};
    } catch (const std::runtime_error& error) {
        what = error.what();
    }
    ck_assert(what.find(a.runner().dht_endpoint().to_string()) != std::string::npos);
}
END_TEST

START_TEST(events_are_told_after_the_change_that_caused_them) {
    glib::Loop loop;
    std::mutex mutex;
    bool changing = false;
    bool told = false;
    bool told_inside = false;
    glib::Runner runner{
        loop, make_identity(1), {}, {any_port, any_port}, [&](const federation::Event& event) {
            const std::lock_guard lock{mutex};
            told_inside = told_inside || changing;
            told = told || std::holds_alternative<federation::UserFound>(event);
        }};
    loop.run([&] {
        changing = true;
        runner.change([](auto& server, auto now) { server.lookup("@", now); });
        changing = false;
    });
    const auto until = std::chrono::steady_clock::now() + patience;
    for (bool seen = false; !seen;) {
        ck_assert(std::chrono::steady_clock::now() < until);
        loop.run([] {});
        const std::lock_guard lock{mutex};
        seen = told;
    }
    ck_assert(!told_inside);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "runner",
        {a_lone_server_registers_and_calls_its_own_users,
         two_servers_that_know_a_third_find_and_call_each_other,
         a_name_is_taken_once_and_free_again_after_it_is_given_up,
         calling_a_user_whom_nobody_has_ends_the_call, a_server_that_stops_ends_its_calls_and_leaves_no_names,
         a_port_in_use_is_named_in_the_error, events_are_told_after_the_change_that_caused_them},
        60);
}
