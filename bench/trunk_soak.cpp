// SPDX-License-Identifier: LGPL-2.1-or-later
#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bench/process.h"
#include "bench/trunk_calls.h"
#include "bench/udp.h"
#include "tests/gst/relay.h"

namespace bench {

namespace {

using namespace std::chrono_literals;

constexpr auto one_way = 20ms;
constexpr double loss = 0.01;
// A repaired packet needs a round trip more at least; what comes within half of one was not lost.
constexpr std::int64_t not_lost_us = 40'000;

/// Microseconds beyond what the path takes anyhow.
std::int64_t beyond_path(std::span<const std::uint8_t> packet) {
    return now_us() - mark_of(packet).sent_us - std::chrono::microseconds{one_way}.count();
}

/// The same packets of one call more, as bare datagrams: what the relay, the kernel and the machine do to
/// any.
class Bare {
public:
    Bare(tests::Relay& relay, std::size_t packets)
        : delays(packets), to_(relay.pass(in_.port())), thread_([this] {
              std::array<std::uint8_t, 2048> room{};
              for (auto came = in_.receive(room); !came.empty(); came = in_.receive(room))
                  delays.add(beyond_path(came));
          }) {}
    void send(std::span<const std::uint8_t> packet) const { out_.send(to_, packet); }
    void stop() {
        out_.stop(in_.port());
        thread_.join();
    }
    Delays delays;

private:
    const Udp in_, out_;
    std::uint16_t to_;
    std::thread thread_;
};

/// One direction of one call.
class Ear final : public gst::LaneReceiver {
public:
    explicit Ear(std::size_t packets) : delays(packets) {}
    void receive(gst::PacketKind, std::uint8_t, std::span<const std::uint8_t> packet) override {
        const auto took = beyond_path(packet);
        ++received;
        if (took < not_lost_us / 2)
            delays.add(took);
        else
            repairs.add(took);
    }
    Delays delays;
    Delays repairs{100'000};
    std::uint64_t received = 0;
};

}  // namespace

void soak(std::uint32_t calls, double seconds) {
    tests::Server a{1}, b{2};
    tests::Relay relay{a, b};
    const auto packets = static_cast<std::size_t>(packets_per_second * (seconds + 1));
    std::vector<std::shared_ptr<Ear>> at_a, at_b;
    std::vector<std::shared_ptr<gst::Lane>> of_a, of_b;
    for (federation::LaneId id = 1; id <= calls; ++id) {
        of_a.push_back(a.open(b, id, at_a.emplace_back(std::make_shared<Ear>(packets))));
        of_b.push_back(b.open(a, id, at_b.emplace_back(std::make_shared<Ear>(packets))));
    }
    if (!tests::eventually([&] { return a.is_up(b) && b.is_up(a); })) throw std::runtime_error{"no trunk"};
    relay.set({.loss = loss, .delay = one_way});
    std::this_thread::sleep_for(6s);  // libnice is quiet, the round trip known
    std::uint64_t sent = 0;
    Bare bare{relay, packets};
    const double before = cpu_seconds(getpid());
    std::thread back{[&] {
        generate(calls, seconds, [&](std::uint32_t lane, std::span<const std::uint8_t> body) {
            of_b[lane]->send(gst::PacketKind::rtp, 0, body);
        });
    }};
    generate(calls, seconds, [&](std::uint32_t lane, std::span<const std::uint8_t> body) {
        if (of_a[lane]->send(gst::PacketKind::rtp, 0, body)) ++sent;
        if (lane == 0) bare.send(body);
    });
    back.join();
    std::this_thread::sleep_for(1s);
    bare.stop();
    const double cpu = cpu_seconds(getpid()) - before;

    std::uint64_t missed = 0, lost = 0, repaired = 0, asked = 0, sent_again = 0, received = 0;
    for (const auto& lane : of_b) {
        const auto stats = lane->stats();
        missed += stats.packets_missed;
        lost += stats.packets_lost;
        repaired += stats.packets_repaired;
        asked += stats.repairs_asked;
    }
    for (const auto& lane : of_a) sent_again += lane->stats().repairs_sent;
    of_b.clear();
    Delays all{packets * calls}, repairs{packets};
    for (const auto& ear : at_b) {
        received += ear->received;
        all.add(ear->delays);
        repairs.add(ear->repairs);
    }
    std::printf(
        "{\"calls\":%u,\"seconds\":%.0f,\"ups\":%d,\"failures\":%d,\"sent\":%llu,\"received\":%llu,"
        "\"missed\":%llu,"
        "\"lost\":%llu,\"repaired\":%llu,\"asked\":%llu,\"sent_again\":%llu,\"p50\":%.3f,\"p99\":%.3f,"
        "\"repair_p50\":%.3f,\"repair_p99\":%.3f,\"bare_p50\":%.3f,\"bare_p99\":%.3f,\"cpu\":%.3f}\n",
        calls, seconds, static_cast<int>(a.ups), a.failures + b.failures,
        static_cast<unsigned long long>(sent), static_cast<unsigned long long>(received),
        static_cast<unsigned long long>(missed), static_cast<unsigned long long>(lost),
        static_cast<unsigned long long>(repaired), static_cast<unsigned long long>(asked),
        static_cast<unsigned long long>(sent_again), all.percentile(0.5), all.percentile(0.99),
        repairs.percentile(0.5), repairs.percentile(0.99), bare.delays.percentile(0.5),
        bare.delays.percentile(0.99), cpu);
}

// --- Interruptions -------------------------------------------------------------------------------

namespace {

struct Pair {
    explicit Pair(std::uint32_t seed) : relay{a, b, seed} {}
    tests::Server a{1}, b{2};
    tests::Relay relay;
    std::shared_ptr<tests::Collector> at_a = std::make_shared<tests::Collector>(),
                                      at_b = std::make_shared<tests::Collector>();
    std::shared_ptr<gst::Lane> of_a = a.open(b, 2, at_a), of_b = b.open(a, 2, at_b);
};

enum class What { everything, half, media };

/// Milliseconds from the network's return until both hear each other, or none within 3 s.
double interrupt(Pair& pair, What what, std::chrono::milliseconds time) {
    if (what == What::everything) pair.relay.cut(true);
    if (what == What::half) pair.relay.set({.delay = one_way}, {.delay = one_way, .cut = true});
    if (what == What::media) pair.relay.set({.delay = one_way, .cut = true});
    std::this_thread::sleep_for(time);
    const auto heard_a = pair.at_a->count(), heard_b = pair.at_b->count();
    pair.relay.cut(false);
    pair.relay.set({.delay = one_way});
    const auto begun = now_us();
    const tests::Bytes packet(100);
    const bool back = tests::eventually(
        [&] {
            pair.of_a->send(gst::PacketKind::rtp, 0, packet);
            pair.of_b->send(gst::PacketKind::rtp, 0, packet);
            // The first may have been on the way before.
            return pair.at_a->count() > heard_a + 1 && pair.at_b->count() > heard_b + 1;
        },
        3);
    return back ? static_cast<double>(now_us() - begun) / 1000 : -1;
}

/// Twenty seconds are more than a call survives: both ends are told, and why.
void too_long(int number) {
    Pair pair{static_cast<std::uint32_t>(number + 1)};
    if (!tests::eventually([&] { return pair.a.is_up(pair.b) && pair.b.is_up(pair.a); })) return;
    pair.relay.set({.delay = one_way});
    pair.relay.cut(true);
    const auto begun = now_us();
    double told = 0;
    while (now_us() - begun < 20'000'000) {
        if (told == 0 && pair.a.failures == 1 && pair.b.failures == 1)
            told = static_cast<double>(now_us() - begun) / 1000;
        std::this_thread::sleep_for(5ms);
    }
    pair.relay.cut(false);
    const auto is_reason = [](const tests::Server& server) {
        return server.failures == 1 && server.last_reason == federation::Reason::trunk_failed;
    };
    std::printf("{\"what\":\"too long\",\"ends\":%d,\"after_ms\":%.0f}\n",
                (is_reason(pair.a) ? 1 : 0) + (is_reason(pair.b) ? 1 : 0), told);
    std::fflush(stdout);
}

}  // namespace

void interruptions(int cuts) {
    constexpr int at_once = 10;
    static constexpr std::array<std::chrono::milliseconds, 3> lengths{1s, 5s, 14s};
    for (int done = 0; done < cuts; done += at_once) {
        std::vector<std::thread> threads;
        for (int i = done; i < std::min(cuts, done + at_once); ++i)
            threads.emplace_back([i] {
                Pair pair{static_cast<std::uint32_t>(i + 1)};
                if (!tests::eventually([&] { return pair.a.is_up(pair.b) && pair.b.is_up(pair.a); })) return;
                pair.relay.set({.delay = one_way});
                const std::chrono::milliseconds time =
                    lengths.at(static_cast<std::size_t>(i / 3) % lengths.size());
                const auto what = static_cast<What>(i % 3);
                const double took = interrupt(pair, what, time);
                std::printf("{\"what\":\"%s\",\"cut_ms\":%d,\"back_ms\":%.1f,\"failures\":%d}\n",
                            what == What::everything ? "everything"
                            : what == What::half     ? "one way"
                                                     : "media only",
                            static_cast<int>(time.count()), took, pair.a.failures + pair.b.failures);
                std::fflush(stdout);
            });
        for (auto& thread : threads) thread.join();
    }
    for (int done = 0; done < cuts; done += at_once) {
        std::vector<std::thread> threads;
        for (int i = done; i < std::min(cuts, done + at_once); ++i) threads.emplace_back(too_long, i);
        for (auto& thread : threads) thread.join();
    }
}

}  // namespace bench
