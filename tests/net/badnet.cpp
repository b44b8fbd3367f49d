// SPDX-License-Identifier: LGPL-2.1-or-later
// A bad network between two network namespaces: whole servers run in them and notice nothing but the weather.
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>

#include "tests/net/impairment.h"

namespace {

using tests::Impairment;
using tests::Weather;
using Clock = std::chrono::steady_clock;

constexpr const char* help =
    R"(usage: badnet [--seed N]

Makes two network namespaces, a (10.77.0.1) and b (10.77.0.2), and carries every packet between them: UDP, TCP,
all that a server says. Run it as root of a namespace (scripts/netns). It prints one line,
    {"a":PID,"b":PID}
and then `nsenter -t PID -n COMMAND` runs something in one of them. Each line on the standard input changes the
weather, for packets that leave a, b or both:
    both delay=20 jitter=5 loss=0.01 copies=0.01 reorder=0.02 reorder_by=10
    b rate=2000 queue=300
    a cut=1
Times in milliseconds, the rate of the bottleneck in kbit/s (0: there is none). What a line does not name stays as it is; `both clear=1` begins anew. The namespaces end
with the standard input.
)";

[[noreturn]] void fail(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

/// In the namespace: its only way out. The descriptor works from outside too.
int make_device(int side) {
    const int device = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (device < 0) fail("/dev/net/tun");
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    std::strncpy(request.ifr_name, "wan0", sizeof request.ifr_name - 1);
    if (ioctl(device, TUNSETIFF, &request) < 0) fail("TUNSETIFF");
    const std::string commands = "ip link set lo up && ip address add 10.77.0." + std::to_string(side + 1) +
                                 "/24 dev wan0 && ip link set wan0 txqueuelen 1000 mtu 1500 up";
    if (std::system(commands.c_str()) != 0) throw std::runtime_error{"ip does not set wan0 up"};
    return device;
}

void send_descriptor(int to, int descriptor) {
    char byte = 0;
    iovec text{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptor)> control{};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    if (sendmsg(to, &message, 0) < 0) fail("sendmsg");
}

int receive_descriptor(int from) {
    char byte = 0;
    iovec text{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr message{};
    message.msg_iov = &text;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) <= 0 || CMSG_FIRSTHDR(&message) == nullptr)
        throw std::runtime_error{"no namespace: is this the root of one? (scripts/netns)"};
    int descriptor = -1;
    std::memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

struct Side {
    pid_t holder = 0;  ///< a process that does nothing but be in the namespace
    int device = -1;
};

Side make_side(int side) {
    int sockets[2];
    if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, sockets) != 0) fail("socketpair");
    Side made{fork(), -1};
    if (made.holder < 0) fail("fork");
    if (made.holder == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        try {
            if (unshare(CLONE_NEWNET) != 0) fail("unshare");
            send_descriptor(sockets[1], make_device(side));
        } catch (const std::exception& error) {
            std::fprintf(stderr, "badnet: %s\n", error.what());
            _exit(1);
        }
        close(sockets[1]);
        close(STDIN_FILENO);
        close(STDOUT_FILENO);
        for (;;) pause();
    }
    close(sockets[1]);
    made.device = receive_descriptor(sockets[0]);
    close(sockets[0]);
    return made;
}

bool change(Weather& weather, const std::string& key, double value) {
    const std::chrono::microseconds time{static_cast<std::int64_t>(value * 1000)};
    if (key == "clear")
        weather = {};
    else if (key == "loss")
        weather.loss = value;
    else if (key == "copies")
        weather.copies = value;
    else if (key == "reorder")
        weather.reorder = value;
    else if (key == "reorder_by")
        weather.reorder_by = time;
    else if (key == "delay")
        weather.delay = time;
    else if (key == "jitter")
        weather.jitter = time;
    else if (key == "rate")
        weather.bits_per_second = 1000 * value;
    else if (key == "queue")
        weather.queue = time;
    else if (key == "cut")
        weather.cut = value != 0;
    else
        return false;
    return true;
}

void obey(const std::string& line, std::array<Impairment, 2>& ways) {
    std::istringstream words{line};
    std::string who, word;
    words >> who;
    while (words >> word) {
        const auto equals = word.find('=');
        bool good = equals != std::string::npos && (who == "a" || who == "b" || who == "both");
        for (std::size_t way = 0; good && way < 2; ++way)
            if (who == "both" || who == (way == 0 ? "a" : "b"))
                good = change(ways.at(way).weather, word.substr(0, equals),
                              std::atof(word.c_str() + equals + 1));
        if (!good) std::fprintf(stderr, "badnet: %s: %s?\n", line.c_str(), word.c_str());
    }
}

/// Until the standard input ends.
void carry(const std::array<Side, 2>& sides, std::array<Impairment, 2>& ways) {
    std::array<std::uint8_t, 2048> packet{};
    std::string lines;
    for (;;) {
        std::array<pollfd, 3> polled{pollfd{sides[0].device, POLLIN, 0}, pollfd{sides[1].device, POLLIN, 0},
                                     pollfd{STDIN_FILENO, POLLIN, 0}};
        auto until = Clock::now() + std::chrono::milliseconds{500};
        for (const auto& way : ways) until = std::min(until, way.next().value_or(until));
        const auto left = std::max<std::int64_t>(0, std::chrono::nanoseconds{until - Clock::now()}.count());
        const timespec timeout{0, static_cast<long>(left)};
        ppoll(polled.data(), polled.size(), &timeout, nullptr);

        for (std::size_t side = 0; side < 2; ++side)
            for (ssize_t size = 0; (size = read(sides.at(side).device, packet.data(), packet.size())) > 0;)
                ways.at(side).enter({packet.begin(), packet.begin() + size}, Clock::now());
        for (std::size_t side = 0; side < 2; ++side)
            while (const auto out = ways.at(side).leave(Clock::now()))
                if (write(sides.at(1 - side).device, out->data(), out->size()) < 0) ++ways.at(side).lost;
        if (polled[2].revents == 0) continue;
        std::array<char, 1024> text{};
        const auto size = read(STDIN_FILENO, text.data(), text.size());
        if (size <= 0) return;
        lines.append(text.data(), static_cast<std::size_t>(size));
        for (std::size_t end = 0; (end = lines.find('\n')) != std::string::npos; lines.erase(0, end + 1))
            obey(lines.substr(0, end), ways);
    }
}

}  // namespace

int main(int argc, char** argv) try {
    std::uint32_t seed = 1;
    if (argc == 3 && std::string{argv[1]} == "--seed")
        seed = static_cast<std::uint32_t>(std::atol(argv[2]));
    else if (argc > 1) {
        const bool asked = std::string{argv[1]} == "--help" || std::string{argv[1]} == "-h";
        std::fputs(help, asked ? stdout : stderr);
        return asked ? 0 : 2;
    }
    const std::array<Side, 2> sides{make_side(0), make_side(1)};
    std::array<Impairment, 2> ways{Impairment{seed}, Impairment{seed + 1}};
    std::printf("{\"a\":%d,\"b\":%d}\n", sides[0].holder, sides[1].holder);
    std::fflush(stdout);
    carry(sides, ways);
    for (const auto& side : sides) kill(side.holder, SIGKILL);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "badnet: %s\n", error.what());
    return 1;
}
