// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/crowd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

#include "dht/crypto.h"
#include "dht/message.h"
#include "dht/proof.h"

namespace bench {

namespace {

/// A server has one socket buffer for all of them.
constexpr useconds_t pause_between_contacts = 1000;

struct Person {
    dht::Identity identity;
    int socket;
};

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return out;
}

int bound_socket(std::size_t number) {
    const int out = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    sockaddr_in at = loopback(contact_port);
    inet_pton(AF_INET, contact_address(number).c_str(), &at.sin_addr);
    if (out < 0 || bind(out, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) {
        throw std::system_error{errno, std::generic_category(), "a contact's socket"};
    }
    return out;
}

void answer(const Person& person) {
    std::array<char, 2048> buffer;
    sockaddr_in from{};
    socklen_t length = sizeof from;
    for (;;) {
        const auto size = recvfrom(person.socket, buffer.data(), buffer.size(), 0,
                                   reinterpret_cast<sockaddr*>(&from), &length);
        if (size < 0) return;
        const auto message = dht::decode({buffer.data(), static_cast<std::size_t>(size)});
        if (!message) continue;
        dht::Reply reply{.id = person.identity.node_id(), .with_nodes = true};
        const auto* query = std::get_if<dht::Query>(&message->body);
        // What is not known here (get_peers) is answered as well: it shows that somebody is there.
        if (query == nullptr && !std::holds_alternative<dht::Fault>(message->body)) continue;
        if (query != nullptr && !query->nonce.empty()) {
            reply.proof = dht::prove(person.identity, "public", query->nonce, query->id);
        }
        const auto out = dht::encode(message->transaction, reply);
        sendto(person.socket, out.data(), out.size(), 0, reinterpret_cast<const sockaddr*>(&from), length);
    }
}

std::vector<Person> gather(std::size_t contacts, int events) {
    rlimit files{contacts + 64, contacts + 64};
    setrlimit(RLIMIT_NOFILE, &files);
    dht::SeededRandom random{17};
    std::vector<Person> out;
    for (std::size_t i = 0; i < contacts; ++i) {
        dht::Identity::Seed seed{};
        random.fill(seed);
        out.push_back({dht::Identity{seed}, bound_socket(i)});
        epoll_event event{EPOLLIN, {.u64 = i}};
        epoll_ctl(events, EPOLL_CTL_ADD, out.back().socket, &event);
    }
    return out;
}

void answer_all(const std::vector<Person>& people, int events, int milliseconds) {
    std::array<epoll_event, 64> ready{};
    const int count = epoll_wait(events, ready.data(), static_cast<int>(ready.size()), milliseconds);
    for (int i = 0; i < count; ++i) answer(people[ready[static_cast<std::size_t>(i)].data.u64]);
}

}  // namespace

std::string contact_address(std::size_t number) {
    constexpr std::size_t per_third_octet = 250;
    return "127.1." + std::to_string(number / per_third_octet) + "." +
           std::to_string(number % per_third_octet + 1);
}

void be_crowd(std::size_t contacts, std::uint16_t server) {
    const int events = epoll_create1(0);
    const auto people = gather(contacts, events);
    for (const Person& person : people) {
        const dht::Query query{.method = dht::Method::find_node,
                               .id = person.identity.node_id(),
                               .target = person.identity.node_id()};
        const auto out = dht::encode("feed", query);
        const auto to = loopback(server);
        sendto(person.socket, out.data(), out.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
        usleep(pause_between_contacts);
        answer_all(people, events, 0);
    }
    for (;;) answer_all(people, events, -1);
}

}  // namespace bench
