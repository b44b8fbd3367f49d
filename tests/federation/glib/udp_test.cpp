// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/udp.h"

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include "tests/check.h"

namespace {

using namespace std::chrono_literals;

const auto any_port = dht::Endpoint::v4({127, 0, 0, 1}, 0);

/// A socket that keeps the first datagram it gets.
struct Ear {
    glib::Loop& loop;
    std::promise<std::pair<std::string, dht::Endpoint>> heard;
    std::unique_ptr<glib::UdpSocket> socket;

    explicit Ear(glib::Loop& on, const dht::Endpoint& at = any_port) : loop(on) {
        loop.run([&] {
            socket = std::make_unique<glib::UdpSocket>(loop, at, [this] {
                while (const auto got = socket->receive()) {
                    heard.set_value({std::string{dht::text(got->payload)}, got->from});
                }
            });
        });
    }
    ~Ear() {
        loop.run([&] { socket.reset(); });
    }
    void send(const std::string& text, const dht::Endpoint& to) {
        loop.run([&] {
            socket->send({text, to});
            socket->flush();
        });
    }
};

START_TEST(datagrams_arrive_from_the_address_that_is_bound) {
    glib::Loop loop;
    Ear a{loop};
    Ear b{loop};
    const std::string longest(1'500, 'x');
    a.send(longest, b.socket->endpoint());
    auto heard = b.heard.get_future();
    ck_assert(heard.wait_for(5s) == std::future_status::ready);
    const auto [text, from] = heard.get();
    ck_assert(text == longest);
    ck_assert(from == a.socket->endpoint());
}
END_TEST

/// A socket at all addresses that gives back what it gets.
struct Echo {
    glib::Loop& loop;
    std::unique_ptr<glib::UdpSocket> socket;

    Echo(glib::Loop& on, const dht::Endpoint& at) : loop(on) {
        loop.run([&] {
            socket = std::make_unique<glib::UdpSocket>(loop, at, [this] {
                while (const auto got = socket->receive()) {
                    socket->send({std::string{dht::text(got->payload)}, got->from, got->at});
                }
                socket->flush();
            });
        });
    }
    ~Echo() {
        loop.run([&] { socket.reset(); });
    }
};

/// Who asked at that address is answered from there. The system itself would take 127.0.0.1 for all of them.
void answers_at(Echo& echo, const char* address, const dht::Endpoint& asker_at) {
    auto asked = dht::Endpoint::parse(address).value();
    asked.port = echo.socket->endpoint().port;
    Ear asker{echo.loop, asker_at};
    asker.send("who is there?", asked);
    auto heard = asker.heard.get_future();
    ck_assert(heard.wait_for(5s) == std::future_status::ready);
    ck_assert(heard.get().second == asked);
}

START_TEST(an_answer_leaves_from_the_address_that_was_asked) {
    glib::Loop loop;
    Echo echo{loop, dht::Endpoint::v4({0, 0, 0, 0}, 0)};
    for (const char* address : {"127.0.0.2:1", "127.0.0.3:1", "127.0.0.1:1"})
        answers_at(echo, address, any_port);
}
END_TEST

START_TEST(an_answer_of_both_families_leaves_from_the_address_that_was_asked) {
    glib::Loop loop;
    Echo echo{loop, dht::Endpoint{}};
    for (const char* address : {"127.0.0.2:1", "127.0.0.3:1"}) answers_at(echo, address, any_port);
    auto v6 = dht::Endpoint::parse("[::1]:1").value();
    v6.port = 0;
    answers_at(echo, "[::1]:1", v6);
}
END_TEST

START_TEST(what_cannot_be_sent_is_lost_and_nothing_else) {
    glib::Loop loop;
    Ear a{loop};
    Ear b{loop};
    a.send("nobody", dht::Endpoint::v4({127, 0, 0, 1}, 1));  // the kernel will report this at some later call
    a.send("no port", dht::Endpoint::v4({127, 0, 0, 1}, 0));
    a.send("other family", dht::Endpoint::parse("[::1]:7").value());
    a.send(std::string(100'000, 'x'), b.socket->endpoint());
    a.send(std::string(3'000, 'x'), b.socket->endpoint());  // leaves, but is too long to be read
    a.send("well", b.socket->endpoint());
    auto heard = b.heard.get_future();
    ck_assert(heard.wait_for(5s) == std::future_status::ready);
    ck_assert(heard.get().first == "well");
}
END_TEST

START_TEST(who_sends_to_a_closed_port_is_told_and_loses_nothing_else) {
    auto v6_port = dht::Endpoint::parse("[::1]:7").value();
    v6_port.port = 0;
    for (const auto& address : {any_port, v6_port}) {
        glib::Loop loop;
        Ear closed{loop, address};
        const auto nobody = closed.socket->endpoint();
        loop.run([&] { closed.socket.reset(); });
        Ear b{loop, address};
        std::promise<dht::Endpoint> told;
        std::size_t times = 0;
        std::unique_ptr<glib::UdpSocket> a;
        loop.run([&] {
            a = std::make_unique<glib::UdpSocket>(
                loop, address, [&] { a->receive(); },
                [&](const dht::Endpoint& to) {
                    if (++times == 1) told.set_value(to);
                });
            // The kernel tells of each at the next call on the socket, whatever that is for.
            for (int i = 0; i < 5; ++i) a->send({"nobody", nobody});
            a->send({"well", b.socket->endpoint()});
            a->flush();
        });
        auto where = told.get_future();
        auto heard = b.heard.get_future();
        ck_assert(where.wait_for(5s) == std::future_status::ready && where.get() == nobody);
        ck_assert(heard.wait_for(5s) == std::future_status::ready && heard.get().first == "well");
        loop.run([&] { a.reset(); });
    }
}
END_TEST

START_TEST(a_port_in_use_is_refused_by_name) {
    glib::Loop loop;
    Ear a{loop};
    std::string what;
    try {
        const Ear b{loop, a.socket->endpoint()};
    } catch (const std::runtime_error& error) {
        what = error.what();
    }
    ck_assert(what.find(a.socket->endpoint().to_string()) != std::string::npos);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "udp",
        {datagrams_arrive_from_the_address_that_is_bound, an_answer_leaves_from_the_address_that_was_asked,
         an_answer_of_both_families_leaves_from_the_address_that_was_asked,
         what_cannot_be_sent_is_lost_and_nothing_else,
         who_sends_to_a_closed_port_is_told_and_loses_nothing_else, a_port_in_use_is_refused_by_name});
}
