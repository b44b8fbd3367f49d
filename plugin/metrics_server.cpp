// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/metrics_server.h"

#include <libsoup/soup.h>

#include <cstring>
#include <stdexcept>
#include <utility>

#include "federation/glib/address.h"

namespace plugin {

struct MetricsServer::State {
    explicit State(std::function<std::string()> made) : text(std::move(made)) {}

    std::function<std::string()> text;
    glib::Ref<SoupServer> http = glib::take_ref(soup_server_new("server-header", "viaduct", nullptr));

    static void answer(SoupServer* /*server*/, SoupServerMessage* message, const char* path,
                       GHashTable* /*query*/, gpointer data) {
        const std::string method = soup_server_message_get_method(message);
        const bool head = method == "HEAD";
        if (std::strcmp(path, "/metrics") != 0)
            return soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, nullptr);
        if (method != "GET" && !head)
            return soup_server_message_set_status(message, SOUP_STATUS_METHOD_NOT_ALLOWED, nullptr);
        const std::string text = static_cast<State*>(data)->text();
        soup_server_message_set_status(message, SOUP_STATUS_OK, nullptr);
        // libsoup leaves the body out of the answer to HEAD.
        soup_server_message_set_response(message, "text/plain; version=0.0.4; charset=utf-8",
                                         SOUP_MEMORY_COPY, text.data(), text.size());
    }

    /// A body is of no use to us, and could be without an end: whoever sends one is cut off.
    static void refuse_bodies(SoupServer* /*server*/, SoupServerMessage* message, const char* /*path*/,
                              GHashTable* /*query*/, gpointer /*data*/) {
        auto* const headers = soup_server_message_get_request_headers(message);
        const auto encoding = soup_message_headers_get_encoding(headers);
        const bool empty =
            encoding == SOUP_ENCODING_NONE || (encoding == SOUP_ENCODING_CONTENT_LENGTH &&
                                               soup_message_headers_get_content_length(headers) == 0);
        // An answer would have to wait until it is read.
        if (!empty) g_socket_shutdown(soup_server_message_get_socket(message), TRUE, TRUE, nullptr);
    }
};

MetricsServer::MetricsServer(const dht::Endpoint& at, std::function<std::string()> text)
    : state_(std::make_unique<State>(std::move(text))) {
    soup_server_add_early_handler(state_->http.get(), nullptr, State::refuse_bodies, nullptr, nullptr);
    soup_server_add_handler(state_->http.get(), nullptr, State::answer, state_.get(), nullptr);
    GError* raw = nullptr;
    soup_server_listen(state_->http.get(), glib::to_address(at).get(), SoupServerListenOptions{}, &raw);
    const glib::Ptr<GError> error{raw};
    if (error)
        throw std::runtime_error{
            "cannot serve metrics at " + at.to_string() + ": " + error->message +
            ". Is another server running there, or is this not an address of this machine?"};
}

MetricsServer::~MetricsServer() {
    soup_server_disconnect(state_->http.get());
}

}  // namespace plugin
