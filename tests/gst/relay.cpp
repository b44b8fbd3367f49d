// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/gst/relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace tests {

namespace {

constexpr std::size_t pairs_max =
    16;  // in an interruption of 15 s there are five, and the first may come back
constexpr int buffer_bytes = 4'000'000;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// In front of each packet inside an Impairment: which pair it belongs to.
constexpr std::size_t tag_bytes = sizeof(std::uint16_t);

}  // namespace

Relay::Pair::~Pair() {
    for (const auto& side : sides)
        if (side.socket >= 0) close(side.socket);
}

Relay::Relay(Server& a, Server& b, std::uint32_t seed)
    : a_(a), b_(b), ways_{Impairment{seed}, Impairment{seed + 1}}, thread_([this] { work(); }) {
    wire(a, b, 0);
    wire(b, a, 1);
}

Relay::~Relay() {
    a_.signalling = b_.signalling = false;
    for (Server* server : {&a_, &b_}) server->loop.run([server] { server->wires.clear(); });
    stop_ = true;
    thread_.join();
}

void Relay::set(const Weather& from_a, const Weather& from_b) {
    const std::lock_guard lock{mutex_};
    set_[0] = from_a;
    set_[1] = from_b;
    for (int way : {0, 1}) ways_[way].weather = set_[way];
}

void Relay::cut(bool is_cut) {
    cut_ = is_cut;
    const std::lock_guard lock{mutex_};
    for (int way : {0, 1}) ways_[way].weather.cut = is_cut || set_[way].cut;
}

std::uint16_t Relay::pass(std::uint16_t to) {
    const std::lock_guard lock{mutex_};
    auto& way_out = pair_of("none: port " + std::to_string(to)).sides[1];
    way_out.real = to;
    return way_out.port;
}

void Relay::wire(Server& from, Server& to, int side) {
    from.loop.run([&] {
        from.wires[to.id] = [this, &from, &to, side](federation::TrunkSignal signal) {
            if (cut_) return;
            rewrite(signal, side);
            to.loop.post([&from, &to, signal = std::move(signal)] {
                if (to.trunks && to.signalling) to.trunks->signalled(from.id, signal);
            });
        };
    });
}

/// Every candidate's port becomes the one that stands for this side.
void Relay::rewrite(federation::TrunkSignal& signal, int side) {
    const std::lock_guard lock{mutex_};
    std::size_t at = 0;
    while ((at = signal.body.find("a=candidate:", at)) != std::string::npos) {
        const auto address = signal.body.find(" 127.0.0.1 ", at);
        if (address == std::string::npos) return;
        const auto begin = address + std::strlen(" 127.0.0.1 ");
        const auto end = signal.body.find(' ', begin);
        auto& own = pair_of(signal.trunk).sides[side];
        const auto port = static_cast<std::uint16_t>(std::stoi(signal.body.substr(begin, end - begin)));
        own.real = port;
        signal.body.replace(begin, end - begin, std::to_string(own.port));
        at = begin;
    }
}

Relay::Pair& Relay::pair_of(const std::string& trunk) {
    const auto found =
        std::find_if(pairs_.begin(), pairs_.end(), [&](const auto& pair) { return pair->trunk == trunk; });
    if (found != pairs_.end()) return **found;
    auto pair = std::make_shared<Pair>();
    pair->trunk = trunk;
    for (auto& side : pair->sides) {
        side.socket = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        auto address = loopback(0);
        socklen_t size = sizeof address;
        if (side.socket < 0 || bind(side.socket, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            getsockname(side.socket, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::runtime_error{"relay: no socket"};
        for (const int which : {SO_RCVBUF, SO_SNDBUF})
            setsockopt(side.socket, SOL_SOCKET, which, &buffer_bytes, sizeof buffer_bytes);
        side.port = ntohs(address.sin_port);
    }
    if (pairs_.size() == pairs_max) pairs_.erase(pairs_.begin());
    return *pairs_.emplace_back(std::move(pair));
}

/// What has come for this side enters the way from the other.
void Relay::read(const std::shared_ptr<Pair>& pair, int side) {
    const auto& own = pair->sides[side];
    std::uint8_t buffer[2048];
    const auto tag = own.port;
    for (;;) {
        const auto size = recv(own.socket, buffer + tag_bytes, sizeof buffer - tag_bytes, 0);
        if (size < 0) return;
        std::memcpy(buffer, &tag, tag_bytes);
        ways_[1 - side].enter({buffer, buffer + tag_bytes + size}, std::chrono::steady_clock::now());
    }
}

void Relay::work() {
    while (!stop_) {
        std::vector<pollfd> polled;
        std::vector<std::shared_ptr<Pair>> pairs;
        auto wait = std::chrono::steady_clock::now() + std::chrono::milliseconds{5};
        {
            const std::lock_guard lock{mutex_};
            pairs = pairs_;
            for (const auto& way : ways_) wait = std::min(wait, way.next().value_or(wait));
        }
        for (const auto& pair : pairs)
            for (const auto& side : pair->sides) polled.push_back({side.socket, POLLIN, 0});
        const auto nanoseconds = std::max<std::int64_t>(
            0, std::chrono::nanoseconds{wait - std::chrono::steady_clock::now()}.count());
        const timespec timeout{0, static_cast<long>(nanoseconds)};
        ppoll(polled.data(), polled.size(), &timeout, nullptr);

        const std::lock_guard lock{mutex_};
        for (std::size_t i = 0; i < polled.size(); ++i)
            if (polled[i].revents != 0) read(pairs[i / 2], static_cast<int>(i % 2));
        const auto now = std::chrono::steady_clock::now();
        for (int way : {0, 1})
            while (const auto packet = ways_[way].leave(now)) {
                std::uint16_t tag = 0;
                std::memcpy(&tag, packet->data(), tag_bytes);
                for (const auto& pair : pairs) {
                    const auto& to = pair->sides[1 - way];
                    if (to.port != tag || to.real == 0) continue;
                    // It seems to come from where its receiver knows the sender.
                    const auto address = loopback(to.real);
                    sendto(pair->sides[way].socket, packet->data() + tag_bytes, packet->size() - tag_bytes, 0,
                           reinterpret_cast<const sockaddr*>(&address), sizeof address);
                }
            }
    }
}

}  // namespace tests
