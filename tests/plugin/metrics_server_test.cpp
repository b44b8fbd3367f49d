// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/metrics_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>

#include "federation/glib/loop.h"
#include "tests/check.h"
#include "tests/plugin/same.h"

using plugin::MetricsServer;

namespace {

/// A port that is free at this moment.
std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ck_assert_int_eq(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    ck_assert_int_eq(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

struct World {
    glib::Loop loop;
    std::uint16_t port = free_port();
    std::optional<MetricsServer> server;

    World() {
        loop.run([this] { server.emplace(endpoint(), [] { return std::string{"a_total 1\n"}; }); });
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World() {
        loop.run([this] { server.reset(); });
    }
    [[nodiscard]] dht::Endpoint endpoint() const { return dht::Endpoint::v4({127, 0, 0, 1}, port); }

    /// Everything that comes until the other side closes.
    [[nodiscard]] std::string ask(const std::string& request) const {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        ck_assert_int_eq(connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        ck_assert_int_eq(send(fd, request.data(), request.size(), MSG_NOSIGNAL),
                         static_cast<ssize_t>(request.size()));
        std::string answer;
        char buffer[4096];
        for (ssize_t size = 0; (size = recv(fd, buffer, sizeof buffer, 0)) > 0;)
            answer.append(buffer, static_cast<std::size_t>(size));
        close(fd);
        return answer;
    }
    [[nodiscard]] std::string get(const std::string& path, const std::string& method = "GET") const {
        return ask(method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }
};

bool has(const std::string& answer, const std::string& text) {
    return answer.find(text) != std::string::npos;
}

START_TEST(the_text_is_served_with_its_type) {
    const World world;
    const std::string answer = world.get("/metrics");
    ck_assert(answer.starts_with("HTTP/1.1 200"));
    ck_assert(has(answer, "text/plain; version=0.0.4"));
    ck_assert(answer.ends_with("\r\n\r\na_total 1\n"));
    ck_assert(world.get("/metrics", "HEAD").ends_with("\r\n\r\n"));
}
END_TEST

START_TEST(nothing_else_is_served) {
    const World world;
    ck_assert(world.get("/").starts_with("HTTP/1.1 404"));
    ck_assert(world.get("/metrics/x").starts_with("HTTP/1.1 404"));
    ck_assert(world.get("/metrics", "DELETE").starts_with("HTTP/1.1 405"));
}
END_TEST

START_TEST(who_sends_a_body_is_cut_off) {
    const World world;
    const std::string answer = world.ask(
        "POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000000000\r\n\r\nabc");
    ck_assert(answer.empty());
    ck_assert(world.get("/metrics").starts_with("HTTP/1.1 200"));
}
END_TEST

START_TEST(a_taken_address_is_told) {
    World world;
    world.loop.run([&] {
        try {
            const MetricsServer second{world.endpoint(), [] { return std::string{}; }};
            ck_abort_msg("it started");
        } catch (const std::runtime_error& error) {
            ck_assert(has(error.what(), "cannot serve metrics at 127.0.0.1:"));
        }
    });
}
END_TEST

}  // namespace

int main() {
    return run_suite("metrics_server", {the_text_is_served_with_its_type, nothing_else_is_served,
                                        who_sends_a_body_is_cut_off, a_taken_address_is_told});
}
