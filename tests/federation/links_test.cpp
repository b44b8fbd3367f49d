// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/links.h"

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "tests/check.h"

namespace {

using namespace std::chrono_literals;
using namespace federation;

const dht::Time start{1s};
const auto low = *dht::NodeId::from_hex(std::string(40, '1'));
const auto high = *dht::NodeId::from_hex(std::string(40, '2'));
const auto address = dht::Endpoint::v4({10, 0, 0, 1}, 8000);
const std::string greeting = encode(Hello{"x", "1"});
constexpr LinkId accepted = accepted_link_bit | 1;

template <class T>
std::optional<T> command(Links& links) {
    while (const auto next = links.poll_command()) {
        if (const auto* found = std::get_if<T>(&*next)) return *found;
    }
    return {};
}

template <class T>
std::optional<T> event(Links& links) {
    while (const auto next = links.poll_event()) {
        if (const auto* found = std::get_if<T>(&*next)) return *found;
    }
    return {};
}

struct Linked {
    Config config;
    Links links{low, config, "me"};

    Linked() {
        links.opened(accepted, high, start);
        links.received(accepted, greeting, start);
        while (links.poll_command()) {
        }
        while (links.poll_event()) {
        }
    }
};

START_TEST(messages_wait_for_the_dial) {
    const Config config;
    Links links{low, config, "me"};
    ck_assert(!links.send(high, Ping{}, start));
    ck_assert(!links.connect(high, {}, start));
    ck_assert(links.connect(high, address, start) && links.is_dialling(high));
    ck_assert(links.connect(high, address, start));
    const auto dial = command<Dial>(links);
    ck_assert(dial && dial->peer == high && dial->to == address && !command<Dial>(links));
    ck_assert(links.send(high, Ringing{CallId(32, 'a')}, start));
    ck_assert(!command<Send>(links));
    links.opened(dial->link, high, start);
    ck_assert(links.is_up(high) && event<Links::Up>(links));
    ck_assert(std::holds_alternative<Hello>(decode(command<Send>(links)->text).value()));
    ck_assert(std::holds_alternative<Ringing>(decode(command<Send>(links)->text).value()));
}
END_TEST

START_TEST(a_peer_that_dials_again_has_lost_the_old_connection) {
    for (const auto& [self, peer] : {std::pair{low, high}, std::pair{high, low}}) {
        const Config config;
        Links links{self, config, "me"};
        links.connect(peer, address, start);
        const auto old = command<Dial>(links)->link;
        links.opened(old, peer, start);
        links.received(old, greeting, start);
        const auto later = start + 2 * config.dial_timeout;
        links.opened(accepted, peer, later);
        ck_assert(command<Close>(links)->link == old);
        links.send(peer, Ringing{CallId(32, 'a')}, later);
        std::optional<LinkId> sent_on;
        while (const auto send = command<Send>(links)) sent_on = send->link;
        ck_assert(sent_on == accepted && links.is_up(peer));
        ck_assert(event<Links::Down>(links) && event<Links::Up>(links));
    }
}
END_TEST

START_TEST(a_dial_without_answer_ends) {
    const Config config;
    Links links{low, config, "me"};
    links.connect(high, address, start);
    const auto dial = command<Dial>(links);
    ck_assert(links.deadline() == start + config.dial_timeout);
    links.advance(start + config.dial_timeout);
    ck_assert(command<Close>(links)->link == dial->link);
    ck_assert(event<Links::Unreachable>(links)->reason == Reason::server_unreachable);
    links.opened(dial->link, high, start + 3s);  // too late
    ck_assert(command<Close>(links) && !links.is_up(high));
}
END_TEST

START_TEST(another_server_than_the_one_dialled_is_refused) {
    const Config config;
    Links links{low, config, "me"};
    links.connect(high, address, start);
    links.opened(command<Dial>(links)->link, *dht::NodeId::from_hex(std::string(40, '3')), start);
    ck_assert(event<Links::Unreachable>(links)->reason == Reason::signalling_refused);
    ck_assert(command<Close>(links));
}
END_TEST

START_TEST(ones_own_self_is_refused) {
    const Config config;
    Links links{low, config, "me"};
    links.opened(accepted, low, start);
    ck_assert(command<Close>(links) && !links.is_up(low));
}
END_TEST

START_TEST(who_does_not_greet_or_talks_rubbish_is_closed) {
    for (const std::string& text : {encode(Ping{}), std::string{"rubbish"}, std::string{}}) {
        const Config config;
        Links links{low, config, "me"};
        links.opened(accepted, high, start);
        links.received(accepted, text, start);
        ck_assert(event<Links::Down>(links)->reason == Reason::protocol_error);
        ck_assert(command<Close>(links));
    }
    const Config config;
    Links silent{low, config, "me"};
    silent.opened(accepted, high, start);
    silent.advance(start + 5s);
    ck_assert(event<Links::Down>(silent));
}
END_TEST

START_TEST(unknown_messages_are_noted) {
    Linked l;
    l.links.received(accepted, R"({"v":1,"type":"teleport"})", start);
    ck_assert(event<Links::Noted>(l.links) && l.links.is_up(high));
}
END_TEST

START_TEST(a_ping_is_answered) {
    Linked l;
    l.links.received(accepted, encode(Ping{}), start);
    ck_assert(command<Send>(l.links)->text == encode(Pong{}));
    ck_assert(!event<Links::Received>(l.links));
}
END_TEST

START_TEST(too_many_messages_close_the_connection) {
    Linked l;
    const auto burst = static_cast<int>(2 * l.config.caps.messages_per_second_max);
    for (int i = 0; i < burst; ++i) l.links.received(accepted, encode(Check{CallId(32, 'a')}), start + 1us);
    ck_assert(event<Links::Down>(l.links)->reason == Reason::too_many);
}
END_TEST

START_TEST(silence_during_calls_is_noticed_within_three_seconds) {
    Linked l;
    l.links.use(high, true, start + 5s);
    ck_assert(command<Send>(l.links)->text == encode(Ping{}));
    auto time = start + 5s;
    while (l.links.is_up(high)) {
        time = l.links.deadline().value();
        l.links.advance(time);
    }
    ck_assert(time <= start + 5s + 2s);
    ck_assert(event<Links::Down>(l.links)->reason == Reason::server_unreachable);
}
END_TEST

START_TEST(the_least_used_connection_makes_room) {
    Config config;
    config.caps.links_max = 2;
    Links links{low, config, "me"};
    const auto peer = [](char digit) { return *dht::NodeId::from_hex(std::string(40, digit)); };
    links.opened(accepted_link_bit | 1, peer('a'), start);
    links.opened(accepted_link_bit | 2, peer('b'), start + 1s);
    links.use(peer('a'), true, start + 1s);
    links.opened(accepted_link_bit | 3, peer('c'), start + 2s);
    ck_assert(links.is_up(peer('a')) && !links.is_up(peer('b')) && links.is_up(peer('c')));
    links.use(peer('c'), true, start + 2s);
    ck_assert(!links.connect(peer('d'), address, start + 3s));
}
END_TEST

START_TEST(a_peer_with_another_instance_has_restarted) {
    Linked l;
    l.links.opened(accepted_link_bit | 2, high, start);
    l.links.received(accepted_link_bit | 2, encode(Hello{"x", "2"}), start);
    ck_assert(event<Links::Restarted>(l.links)->peer == high);
}
END_TEST

/// A closed federation's, with a connection that is open but not yet admitted.
struct Gated {
    Config config = closed();
    Links links{low, config, "me"};
    LinkId link = 0;

    static Config closed() {
        Config config;
        config.node.federation = "acme@" + std::string(64, '0');
        config.node.certificate = "our certificate";
        return config;
    }

    Gated() {
        links.connect(high, address, start);
        link = command<Dial>(links)->link;
        links.send(high, Ringing{CallId(32, 'a')}, start);
        links.opened(link, high, start);
    }
};

START_TEST(in_a_closed_federation_nothing_is_said_before_the_certificate_was_looked_at) {
    Gated g;
    ck_assert(std::get<Hello>(decode(command<Send>(g.links)->text).value()).certificate == "our certificate");
    ck_assert(!command<Send>(g.links) && !g.links.is_up(high) && g.links.is_dialling(high));
    g.links.received(g.link, encode(Hello{"x", "1", "their certificate"}), start);
    const auto greeted = event<Links::Greeted>(g.links);
    ck_assert(greeted && greeted->peer == high && greeted->certificate == "their certificate");
    g.links.admit(greeted->link, start);
    ck_assert(event<Links::Up>(g.links) && g.links.is_up(high));
    ck_assert(std::holds_alternative<Ringing>(decode(command<Send>(g.links)->text).value()));
    ck_assert(g.links.peers() == std::vector{high});
}
END_TEST

START_TEST(who_talks_before_it_is_admitted_is_closed) {
    Gated g;
    g.links.received(g.link, encode(Hello{"x", "1"}), start);
    g.links.received(g.link, encode(Ringing{CallId(32, 'a')}), start);
    ck_assert(event<Links::Unreachable>(g.links)->reason == Reason::protocol_error);
}
END_TEST

START_TEST(who_is_refused_is_told_why) {
    Gated g;
    command<Send>(g.links);
    g.links.refuse(g.link, Reason::not_a_member, start);
    const auto told = command<Send>(g.links);
    ck_assert(std::get<Refuse>(decode(told->text).value()).reason == Reason::not_a_member);
    ck_assert(command<Close>(g.links)->link == g.link);
    ck_assert(event<Links::Unreachable>(g.links)->reason == Reason::not_a_member);
    g.links.admit(g.link, start);  // too late
    ck_assert(!g.links.is_up(high));

    Gated theirs;
    theirs.links.received(theirs.link, encode(Refuse{Reason::not_a_member}), start);
    ck_assert(event<Links::Unreachable>(theirs.links)->reason == Reason::not_a_member);
}
END_TEST

START_TEST(who_is_no_member_any_more_loses_its_connection) {
    Gated g;
    g.links.received(g.link, encode(Hello{"x", "1"}), start);
    g.links.admit(g.link, start);
    ck_assert(event<Links::Up>(g.links));
    g.links.refuse(high, Reason::not_a_member, start);
    ck_assert(event<Links::Down>(g.links)->reason == Reason::not_a_member);
    ck_assert(g.links.peers().empty());
}
END_TEST

START_TEST(the_queue_is_bounded) {
    const Config config;
    Links links{low, config, "me"};
    links.connect(high, address, start);
    int sent = 0;
    const TrunkSignal big{"1", "offer", std::string(40'000, 'x')};
    while (sent < 10'000 && links.send(high, big, start)) ++sent;
    ck_assert_int_lt(sent, 200);
}
END_TEST

/// Two ends, and between them TCP connections that deliver in order, each at its own pace.
class Glare {
public:
    explicit Glare(unsigned seed) : chance_(seed) {}

    Config config;
    Links links[2] = {{low, config, "low"}, {high, config, "high"}};
    std::vector<int> received[2];

    void talk() {
        for (int round = 0; round < 400; ++round) {
            step();
            const int side = pick(2);
            if (round < 200 && pick(3) == 0) say(side);
        }
        while (step()) {
        }
        time_ += 100ms;
    }

    void connect(int side) { links[side].connect(side == 0 ? high : low, address, time_); }
    void say(int side) {
        connect(side);
        const bool taken = links[side].send(side == 0 ? high : low,
                                            TrunkSignal{"1", "n", std::to_string(sent[side])}, time_);
        ck_assert(taken);
        ++sent[side];
    }
    int sent[2] = {0, 0};
    [[nodiscard]] std::size_t open() const { return ends_[0].size(); }

private:
    int pick(int n) { return static_cast<int>(chance_() % static_cast<unsigned>(n)); }

    /// One thing that is on its way, of one connection, arrives.
    bool step() {
        time_ += 1ms;
        for (int side = 0; side < 2; ++side) drain(side);
        std::vector<std::pair<LinkId, int>> busy;
        for (auto& [key, queue] : wires_) {
            if (!queue.empty()) busy.push_back(key);
        }
        if (busy.empty()) return false;
        auto& queue = wires_[busy[static_cast<std::size_t>(pick(static_cast<int>(busy.size())))]];
        const auto action = std::move(queue.front());
        queue.pop_front();
        action();
        for (int side = 0; side < 2; ++side) drain(side);
        return true;
    }

    void drain(int side) {
        while (auto next = links[side].poll_command()) {
            if (const auto* dial = std::get_if<Dial>(&*next)) dialled(side, dial->link);
            if (const auto* send = std::get_if<Send>(&*next)) sent_on(side, send->link, send->text);
            if (const auto* close = std::get_if<Close>(&*next)) closed_by(side, close->link);
        }
        while (auto next = links[side].poll_event()) {
            const auto* got = std::get_if<Links::Received>(&*next);
            if (got) received[side].push_back(std::stoi(std::get<TrunkSignal>(got->message).body));
        }
    }

    void dialled(int side, LinkId here) {
        const int other = 1 - side;
        const auto there = accepted_link_bit | ++names_;
        const auto wire = names_;
        pending_[side].insert({here, wire});
        wires_[{wire, other}].push_back([=, this] {
            if (!pending_[side].contains(here)) return;
            ends_[side][here] = {there, wire};
            ends_[other][there] = {here, wire};
            wires_[{wire, side}].push_back([=, this] {
                if (pending_[side].erase(here) > 0) links[side].opened(here, other == 0 ? low : high, time_);
            });
            links[other].opened(there, side == 0 ? low : high, time_);
        });
    }

    void sent_on(int side, LinkId here, const std::string& text) {
        const auto end = ends_[side].find(here);
        if (end == ends_[side].end()) return;
        const auto there = end->second.first;
        const auto wire = end->second.second;
        wires_[{wire, 1 - side}].push_back([=, this] {
            if (ends_[1 - side].contains(there)) links[1 - side].received(there, text, time_);
        });
    }

    void closed_by(int side, LinkId here) {
        pending_[side].erase(here);
        const auto end = ends_[side].find(here);
        if (end == ends_[side].end()) return;
        const auto there = end->second.first;
        const auto wire = end->second.second;
        wires_[{wire, 1 - side}].push_back([=, this] {
            if (ends_[1 - side].erase(there) == 0) return;
            wires_[{wire, side}].push_back([=, this] {
                ends_[side].erase(here);
                links[side].closed(here, Reason::none, time_);
            });
            links[1 - side].closed(there, Reason::none, time_);
        });
    }

    std::mt19937 chance_;
    dht::Time time_ = start;
    LinkId names_ = 0;
    std::map<std::pair<LinkId, int>, std::deque<std::function<void()>>> wires_;
    std::map<LinkId, std::pair<LinkId, LinkId>> ends_[2];
    std::map<LinkId, LinkId> pending_[2];
};

START_TEST(two_who_dial_at_once_lose_nothing_and_keep_one_connection) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        Glare glare{seed};
        glare.say(0);
        glare.say(1);
        glare.talk();
        for (int side = 0; side < 2; ++side) {
            const auto& got = glare.received[1 - side];
            ck_assert_msg(static_cast<int>(got.size()) == glare.sent[side], "seed %u: %zu of %d", seed,
                          got.size(), glare.sent[side]);
            for (std::size_t i = 0; i < got.size(); ++i) {
                ck_assert_msg(got[i] == static_cast<int>(i), "seed %u: out of order", seed);
            }
        }
        ck_assert_msg(glare.open() == 1, "seed %u: %zu connections", seed, glare.open());
    }
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "links",
        {messages_wait_for_the_dial, a_dial_without_answer_ends,
         another_server_than_the_one_dialled_is_refused, ones_own_self_is_refused,
         who_does_not_greet_or_talks_rubbish_is_closed, unknown_messages_are_noted, a_ping_is_answered,
         too_many_messages_close_the_connection, silence_during_calls_is_noticed_within_three_seconds,
         the_least_used_connection_makes_room, a_peer_with_another_instance_has_restarted,
         in_a_closed_federation_nothing_is_said_before_the_certificate_was_looked_at,
         who_talks_before_it_is_admitted_is_closed, who_is_refused_is_told_why,
         who_is_no_member_any_more_loses_its_connection, the_queue_is_bounded,
         a_peer_that_dials_again_has_lost_the_old_connection,
         two_who_dial_at_once_lose_nothing_and_keep_one_connection});
}
