// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/listener.h"

#include <array>
#include <string>
#include <vector>

#include "federation/glib/address.h"
#include "tests/federation/glib/ends.h"

namespace {

/// Somebody who has a socket and means no good. Blocks the test's thread, never the loop.
class Stranger {
public:
    explicit Stranger(const Ends& ends) {
        const auto client = glib::take_ref(g_socket_client_new());
        g_socket_client_set_proxy_resolver(client.get(), nullptr);
        g_socket_client_set_enable_proxy(client.get(), FALSE);
        const auto address = glib::to_address(ends.listener->endpoint());
        tcp_ = glib::take_ref(
            g_socket_client_connect(client.get(), G_SOCKET_CONNECTABLE(address.get()), nullptr, nullptr));
        ck_assert(tcp_ != nullptr);
        g_socket_set_timeout(g_socket_connection_get_socket(tcp_.get()), 10);
        stream_ = glib::make_ref(G_IO_STREAM(tcp_.get()));
    }

    /// With the key of node 2, or with none.
    bool shake_hands(bool with_key) {
        stream_ = glib::take_ref(g_tls_client_connection_new(G_IO_STREAM(tcp_.get()), nullptr, nullptr));
        auto* const tls = G_TLS_CONNECTION(stream_.get());
        g_tls_connection_set_database(tls, nullptr);
        g_signal_connect(tls, "accept-certificate",
                         G_CALLBACK(+[](GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags,
                                        gpointer) -> gboolean { return TRUE; }),
                         nullptr);
        const auto certificate = glib::make_certificate(make_identity(2));
        if (with_key) g_tls_connection_set_certificate(tls, certificate.get());
        return g_tls_connection_handshake(tls, nullptr, nullptr);
    }

    void say(const std::string& text) {
        auto* const output = g_io_stream_get_output_stream(stream_.get());
        g_output_stream_write_all(output, text.data(), text.size(), nullptr, nullptr, nullptr);
    }

    /// Whether the other end hangs up before the timeout.
    bool is_hung_up_on() {
        std::array<char, 4096> buffer{};
        auto* const input = g_io_stream_get_input_stream(stream_.get());
        for (;;) {
            glib::Error error;
            const auto got = g_input_stream_read(input, buffer.data(), buffer.size(), nullptr, error.out());
            if (got > 0) continue;
            return got == 0 || !g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
        }
    }

private:
    glib::Ref<GSocketConnection> tcp_;
    glib::Ref<GIOStream> stream_;
};

/// After all that happened, honest servers still get in, and nothing is left over.
void still_serves(Ends& ends) {
    ck_assert(ends.dial(make_identity(1).node_id()).connected);
    std::size_t pending = 1;
    ends.loop.run([&] { pending = ends.listener->pending(); });
    ck_assert_uint_eq(pending, 0);
}

START_TEST(garbage_is_hung_up_on) {
    Ends ends;
    Stranger stranger{ends};
    stranger.say("GET / HTTP/1.1\r\n\r\n" + std::string(100'000, '\xFF'));
    ck_assert(stranger.is_hung_up_on());
    still_serves(ends);
}
END_TEST

START_TEST(who_says_nothing_is_hung_up_on) {
    Ends ends;
    Stranger before_tls{ends};
    Stranger after_tls{ends};
    ck_assert(after_tls.shake_hands(true));
    Stranger halfway{ends};
    ck_assert(halfway.shake_hands(true));
    halfway.say("GET /viaduct HTTP/1.1\r\n");
    ck_assert(before_tls.is_hung_up_on());
    ck_assert(after_tls.is_hung_up_on());
    ck_assert(halfway.is_hung_up_on());
    still_serves(ends);
}
END_TEST

START_TEST(who_shows_no_key_is_hung_up_on) {
    Ends ends;
    Stranger stranger{ends};
    if (stranger.shake_hands(false)) ck_assert(stranger.is_hung_up_on());  // TLS 1.3 tells a client late
    ck_assert(ends.accepted.empty());
}
END_TEST

START_TEST(who_wants_anything_but_a_websocket_is_hung_up_on) {
    for (const std::string request :
         {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /viaduct HTTP/1.1\r\nHost: x\r\n\r\n",
          "POST /viaduct HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n",
          "POST /viaduct HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n",
          "GET /viaduct/x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"}) {
        Ends ends;
        Stranger stranger{ends};
        ck_assert(stranger.shake_hands(true));
        stranger.say(request);
        ck_assert(stranger.is_hung_up_on());
        ck_assert(ends.accepted.empty());
        still_serves(ends);
    }
}
END_TEST

START_TEST(a_crowd_that_says_nothing_keeps_nobody_out) {
    Ends ends;
    std::vector<Stranger> crowd;
    for (int i = 0; i < 200; ++i) crowd.emplace_back(ends);
    ck_assert(ends.dial(make_identity(1).node_id()).connected);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "listener",
        {garbage_is_hung_up_on, who_says_nothing_is_hung_up_on, who_shows_no_key_is_hung_up_on,
         who_wants_anything_but_a_websocket_is_hung_up_on, a_crowd_that_says_nothing_keeps_nobody_out},
        40);
}
