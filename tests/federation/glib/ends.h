// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "federation/glib/dialler.h"
#include "federation/glib/listener.h"
#include "federation/glib/tls.h"
#include "tests/check.h"

inline dht::Identity make_identity(std::uint8_t number) {
    dht::Identity::Seed seed{};
    seed.fill(number);
    return dht::Identity{seed};
}

/// A listener and a dialler on one loop, and what has come of them.
class Ends {
public:
    struct Dialled {
        bool connected = false;
        federation::Reason reason{};
    };

    static constexpr auto patience = std::chrono::seconds{8};

    explicit Ends(glib::Ref<GTlsCertificate> server = glib::make_certificate(make_identity(1)),
                  const dht::Endpoint& at = dht::Endpoint::v4({127, 0, 0, 1}, 0))
        : certificate(std::move(server)) {
        loop.run([this, &at] {
            listener = std::make_unique<glib::Listener>(
                loop, at, certificate.get(), [this](const dht::NodeId& peer, SoupWebsocketConnection* c) {
                    tell([&] { accepted.push_back(peer); });
                    accepting = wrap(c);
                });
            dialler = std::make_unique<glib::Dialler>(glib::make_certificate(make_identity(2)).get());
        });
    }
    ~Ends() {
        loop.run([this] {
            accepting.reset();
            dialling.reset();
            dialler.reset();
            listener.reset();
        });
    }

    Dialled dial(const dht::NodeId& peer) {
        std::optional<Dialled> done;
        loop.run([&] {
            dialler->dial(1, peer, listener->endpoint(),
                          [&](SoupWebsocketConnection* c, glib::Dialler::Failure failure) {
                              if (c) dialling = wrap(c);
                              tell([&] { done = Dialled{c != nullptr, failure.reason}; });
                          });
        });
        wait([&] { return done.has_value(); });
        return *done;
    }

    void wait(const std::function<bool()>& done) {
        std::unique_lock lock{mutex_};
        ck_assert_msg(told_.wait_for(lock, patience, done), "it did not come about");
    }

    glib::Loop loop;
    glib::Ref<GTlsCertificate> certificate;
    std::unique_ptr<glib::Listener> listener;
    std::unique_ptr<glib::Dialler> dialler;
    std::unique_ptr<glib::WebSocket> accepting, dialling;
    std::vector<dht::NodeId> accepted;  // under the mutex, as are
    std::vector<std::string> received;
    std::vector<federation::Reason> closed;

private:
    std::unique_ptr<glib::WebSocket> wrap(SoupWebsocketConnection* connection) {
        return std::make_unique<glib::WebSocket>(
            connection, glib::WebSocket::Callbacks{
                            [this](std::string_view text) { tell([&] { received.emplace_back(text); }); },
                            [this](federation::Reason reason) { tell([&] { closed.push_back(reason); }); }});
    }

    void tell(const std::function<void()>& change) {
        const std::lock_guard lock{mutex_};
        change();
        told_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable told_;
};
