// SPDX-License-Identifier: LGPL-2.1-or-later
#include <srtp2/srtp.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "bench/process.h"
#include "bench/trunk_calls.h"
#include "bench/udp.h"

namespace bench {

namespace {

constexpr std::size_t rtp_header_bytes = 12;
constexpr std::uint32_t ssrc = 42;

srtp_t session(bool sends) {
    static std::array<std::uint8_t, SRTP_MASTER_KEY_LEN> key{};
    srtp_policy_t policy{};
    srtp_crypto_policy_set_rtp_default(&policy.rtp);  // AES128_CM_SHA1_80, as webrtcbin agrees on
    srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    policy.ssrc.type = sends ? ssrc_any_outbound : ssrc_any_inbound;
    policy.key = key.data();
    policy.window_size = 1024;
    srtp_t made{};
    const auto status = srtp_create(&made, &policy);
    if (status != srtp_err_status_ok) throw std::runtime_error{"srtp_create: " + std::to_string(status)};
    return made;
}

/// Takes what arrives, and counts.
class Sink final : public gst::LaneReceiver {
public:
    Sink(Delays& delays, std::mutex& mutex) : delays_(delays), mutex_(mutex) {}
    void receive(gst::PacketKind, std::uint8_t, std::span<const std::uint8_t> packet) override {
        const auto took = now_us() - mark_of(packet).sent_us;
        const std::lock_guard lock{mutex_};
        delays_.add(took);
    }

private:
    Delays& delays_;
    std::mutex& mutex_;
};

double resident_mib() {
    std::ifstream statm{"/proc/self/statm"};
    long pages = 0, resident = 0;
    statm >> pages >> resident;
    return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

void print(const char* who, std::uint32_t lanes, const Cost& cost) {
    std::printf(
        "{\"who\":\"%s\",\"lanes\":%u,\"sent\":%llu,\"received\":%llu,\"cpu\":%.6f,\"sender_cpu\":%.6f,"
        "\"p50\":%.3f,\"p99\":%.3f,"
        "\"threads\":%zu}\n",
        who, lanes, static_cast<unsigned long long>(cost.sent),
        static_cast<unsigned long long>(cost.received), cost.cpu, cost.sender_cpu, cost.p50, cost.p99,
        cost.threads);
    std::fflush(stdout);
}

}  // namespace

Cost bare_srtp(std::uint32_t lanes, double seconds) {
    srtp_init();  // fails where GStreamer has done it
    const auto threads_before = tests::threads();
    const Udp in, out;
    srtp_t sends = session(true), receives = session(false);
    Delays delays{static_cast<std::size_t>(lanes * packets_per_second * (seconds + 1))};
    std::thread receiver{[&] {
        std::array<std::uint8_t, 2048> packet{};
        for (;;) {
            auto size = static_cast<int>(in.receive(packet).size());
            if (size == 0) return;
            if (srtp_unprotect(receives, packet.data(), &size) != srtp_err_status_ok) continue;
            delays.add(now_us() - mark_of({packet.data() + rtp_header_bytes, sizeof(Mark)}).sent_us);
        }
    }};
    Cost cost;
    std::array<std::uint8_t, 2048> packet{0x80, 100};
    std::uint16_t sequence = 0;
    const auto send = [&](std::uint32_t, std::span<const std::uint8_t> body) {
        packet[0] = 0x80;
        packet[1] = 100;
        packet[2] = static_cast<std::uint8_t>(sequence >> 8);
        packet[3] = static_cast<std::uint8_t>(sequence++);
        packet[11] = ssrc;
        std::memcpy(packet.data() + rtp_header_bytes, body.data(), body.size());
        auto size = static_cast<int>(rtp_header_bytes + body.size());
        srtp_protect(sends, packet.data(), &size);
        out.send(in.port(), std::span{packet}.first(static_cast<std::size_t>(size)));
        ++cost.sent;
    };
    const double before = cpu_seconds(getpid()), sender_before = thread_cpu_seconds();
    generate(lanes, seconds, send);
    cost.sender_cpu = thread_cpu_seconds() - sender_before;
    cost.threads = tests::threads() - std::min(tests::threads(), threads_before);
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    cost.cpu = cpu_seconds(getpid()) - before;
    out.stop(in.port());
    receiver.join();
    cost.came(delays);
    srtp_dealloc(sends);
    srtp_dealloc(receives);
    return cost;
}

Cost through_trunk(std::uint32_t lanes, double seconds) {
    tests::Server a{1}, b{2};  // each with its loop, as a server has one without trunks too
    const tests::Joined joined{a, b};
    const auto threads_before = tests::threads();
    Delays delays{static_cast<std::size_t>(lanes * packets_per_second * (seconds + 1))};
    std::mutex mutex;
    std::vector<std::shared_ptr<gst::Lane>> of_a, of_b;
    for (federation::LaneId id = 1; id <= lanes; ++id) {
        of_a.push_back(a.open(b, id, std::make_shared<Sink>(delays, mutex)));
        of_b.push_back(b.open(a, id, std::make_shared<Sink>(delays, mutex)));
    }
    if (!tests::eventually([&] { return a.is_up(b) && b.is_up(a); })) throw std::runtime_error{"no trunk"};
    // libnice checks each millisecond until some seconds after it has connected; calls are longer.
    std::this_thread::sleep_for(std::chrono::seconds{6});

    Cost cost;
    const double before = cpu_seconds(getpid());
    generate(lanes, seconds, [&](std::uint32_t lane, std::span<const std::uint8_t> body) {
        if (of_a[lane]->send(gst::PacketKind::rtp, 0, body)) ++cost.sent;
    });
    cost.threads = tests::threads() - std::min(tests::threads(), threads_before);
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    cost.cpu = cpu_seconds(getpid()) - before;
    of_b.clear();
    cost.came(delays);
    return cost;
}

void load(double seconds, int rounds, const std::vector<std::uint32_t>& sizes) {
    for (int round = 0; round < rounds; ++round)
        for (const std::uint32_t lanes : sizes) {
            print("bare", lanes, bare_srtp(lanes, seconds));
            print("trunk", lanes, through_trunk(lanes, seconds));
        }
}

void plain(double seconds, std::uint16_t passed_on_to, const std::vector<std::uint16_t>& ports) {
    print("plain", static_cast<std::uint32_t>(ports.size()), through_plain_rtp(ports, passed_on_to, seconds));
}

void ageing(double seconds) {
    constexpr int lanes_per_second = 100, packets = 10;
    tests::Server a{1}, b{2};
    const tests::Joined joined{a, b};
    a.require(b);
    if (!tests::eventually([&] { return a.is_up(b) && b.is_up(a); })) throw std::runtime_error{"no trunk"};
    std::this_thread::sleep_for(std::chrono::seconds{6});
    Delays none{0};
    std::mutex mutex;
    std::array<std::uint8_t, 1400> room{};
    federation::LaneId id = 1;
    auto next = std::chrono::steady_clock::now();
    for (int second = 0; second < static_cast<int>(seconds); ++second) {
        const double before = cpu_seconds(getpid());
        std::uint64_t received = 0;
        for (int i = 0; i < lanes_per_second; ++i, ++id) {
            const auto of_b = b.open(a, id, std::make_shared<Sink>(none, mutex));
            const auto of_a = a.open(b, id, std::make_shared<Sink>(none, mutex));
            for (std::uint32_t number = 0; number < packets; ++number)
                of_a->send(gst::PacketKind::rtp, 0, marked(0, number, room));
            next += std::chrono::milliseconds{1000 / lanes_per_second};
            std::this_thread::sleep_until(next);
            received += of_b->stats().packets_received;
        }
        std::printf(
            "{\"second\":%d,\"lanes\":%u,\"received\":%llu,\"cpu\":%.4f,\"mib\":%.2f,\"threads\":%zu}\n",
            second, id - 1, static_cast<unsigned long long>(received), cpu_seconds(getpid()) - before,
            resident_mib(), tests::threads());
        std::fflush(stdout);
    }
}

}  // namespace bench
