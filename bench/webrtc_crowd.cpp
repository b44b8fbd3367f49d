// SPDX-License-Identifier: LGPL-2.1-or-later
// A plain pipeline whose one encoder feeds as many webrtcbin as there are viewers, who are in a process of
// their own: what viaductsink is compared with.
#include <gst/sdp/sdp.h>
#include <gst/webrtc/webrtc.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bench/process.h"
#include "gst/ptr.h"

namespace {

using Description = gst::Ptr<GstWebRTCSessionDescription>;

void write_all(int fd, const void* from, std::size_t size) {
    if (write(fd, from, size) != static_cast<ssize_t>(size))
        throw std::runtime_error{"the other side is gone"};
}

void send_text(int fd, const std::string& text) {
    const auto size = static_cast<std::uint32_t>(text.size());
    write_all(fd, &size, sizeof size);
    write_all(fd, text.data(), text.size());
}

std::string receive_text(int fd) {
    std::uint32_t size = 0;
    if (recv(fd, &size, sizeof size, MSG_WAITALL) != sizeof size)
        throw std::runtime_error{"the other side is gone"};
    std::string text(size, '\0');
    if (recv(fd, text.data(), size, MSG_WAITALL) != static_cast<ssize_t>(size))
        throw std::runtime_error{"the other side is gone"};
    return text;
}

Description description(GstWebRTCSDPType type, const std::string& text) {
    GstSDPMessage* sdp = nullptr;
    if (gst_sdp_message_new_from_text(text.c_str(), &sdp) != GST_SDP_OK) throw std::runtime_error{"no SDP"};
    return Description{gst_webrtc_session_description_new(type, sdp)};
}

void set(GstElement* webrtc, const char* which, const Description& what) {
    const gst::Ptr<GstPromise> promise{gst_promise_new()};
    g_signal_emit_by_name(webrtc, which, what.get(), promise.get());
    gst_promise_wait(promise.get());
}

/// Tries for a while: at first webrtcbin may not have begun yet.
Description made(GstElement* webrtc, const char* how, const char* name) {
    for (int tries = 0; tries < 100; ++tries) {
        const gst::Ptr<GstPromise> promise{gst_promise_new()};
        g_signal_emit_by_name(webrtc, how, nullptr, promise.get());
        GstWebRTCSessionDescription* out = nullptr;
        if (gst_promise_wait(promise.get()) == GST_PROMISE_RESULT_REPLIED &&
            gst_structure_get(gst_promise_get_reply(promise.get()), name, GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                              &out, nullptr))
            return Description{out};
        std::this_thread::sleep_for(std::chrono::milliseconds{50});
    }
    throw std::runtime_error{std::string{"no "} + name};
}

/// With all candidates in it.
std::string own_description(GstElement* webrtc) {
    for (int tries = 0; tries < 1000; ++tries) {
        GstWebRTCICEGatheringState state{};
        g_object_get(webrtc, "ice-gathering-state", &state, nullptr);
        if (state == GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE) break;
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    GstWebRTCSessionDescription* raw = nullptr;
    g_object_get(webrtc, "local-description", &raw, nullptr);
    const Description own{raw};
    const gst::Ptr<char> text{gst_sdp_message_as_text(own->sdp)};
    return text.get();
}

GstElement* pipeline(const std::string& text) {
    GError* error = nullptr;
    auto* const out = gst_parse_launch(text.c_str(), &error);
    if (error != nullptr) throw std::runtime_error{error->message};
    return out;
}

gst::Ref<GstElement> named(GstElement* bin, const std::string& name) {
    return gst::Ref<GstElement>{gst_bin_get_by_name(GST_BIN(bin), name.c_str())};
}

void without_upnp(GstElement* webrtc) {
    const auto ice = gst::object_property<GstObject>(webrtc, "ice-agent");
    const auto agent = gst::object_property<GObject>(ice.get(), "agent");
    if (agent) g_object_set(agent.get(), "upnp", FALSE, nullptr);
}

/// Answers offers until the other side is gone.
void view(int fd) {
    gst_init(nullptr, nullptr);
    for (;;) {
        const auto offer = receive_text(fd);
        auto* const bin =
            pipeline("webrtcbin name=w bundle-policy=max-bundle fakesrc num-buffers=0 ! fakesink");
        const auto webrtc = named(bin, "w");
        without_upnp(webrtc.get());
        gst_element_set_state(bin, GST_STATE_PLAYING);
        g_signal_connect(webrtc.get(), "pad-added", G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer in) {
                             auto* const sink = gst_element_factory_make("fakesink", nullptr);
                             gst_bin_add(GST_BIN(in), sink);
                             gst_element_sync_state_with_parent(sink);
                             const gst::Ref<GstPad> to{gst_element_get_static_pad(sink, "sink")};
                             gst_pad_link(pad, to.get());
                         }),
                         bin);
        set(webrtc.get(), "set-remote-description", description(GST_WEBRTC_SDP_TYPE_OFFER, offer));
        set(webrtc.get(), "set-local-description", made(webrtc.get(), "create-answer", "answer"));
        send_text(fd, own_description(webrtc.get()));
    }
}

bool connected(GstElement* webrtc) {
    GstWebRTCPeerConnectionState state{};
    g_object_get(webrtc, "connection-state", &state, nullptr);
    return state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED;
}

void publish(int fd, const std::string& source, int viewers, double seconds) {
    gst_init(nullptr, nullptr);
    std::string text =
        source +
        " ! rtpvp8pay mtu=1200 ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! tee name=t";
    for (int i = 0; i < viewers; ++i) {
        const auto name = "w" + std::to_string(i);
        text += " webrtcbin name=" + name + " bundle-policy=max-bundle t. ! queue ! " + name + ".";
    }
    auto* const bin = pipeline(text);
    gst_element_set_state(bin, GST_STATE_PLAYING);
    std::vector<gst::Ref<GstElement>> all;
    for (int i = 0; i < viewers; ++i) {
        const auto& webrtc = all.emplace_back(named(bin, "w" + std::to_string(i)));
        without_upnp(webrtc.get());
        set(webrtc.get(), "set-local-description", made(webrtc.get(), "create-offer", "offer"));
        send_text(fd, own_description(webrtc.get()));
        set(webrtc.get(), "set-remote-description",
            description(GST_WEBRTC_SDP_TYPE_ANSWER, receive_text(fd)));
    }
    for (const auto& webrtc : all)
        for (int tries = 0; !connected(webrtc.get()); ++tries) {
            if (tries > 1000) throw std::runtime_error{"a viewer does not connect"};
            std::this_thread::sleep_for(std::chrono::milliseconds{10});
        }
    std::this_thread::sleep_for(std::chrono::seconds{6});  // libnice checks often until some seconds after
    const double before = bench::cpu_seconds(getpid());
    std::this_thread::sleep_for(std::chrono::duration<double>{seconds});
    std::printf("{\"viewers\":%d,\"cpu\":%.4f}\n", viewers, bench::cpu_seconds(getpid()) - before);
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 4) {
        std::fprintf(stderr, "usage: webrtc-crowd SOURCE VIEWERS SECONDS\n");
        return 2;
    }
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) throw std::runtime_error{"no socket"};
    const pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        try {
            view(ends[1]);
        } catch (const std::exception&) {
            _exit(0);
        }
    }
    publish(ends[0], argv[1], std::atoi(argv[2]), std::atof(argv[3]));
    kill(child, SIGKILL);
    _exit(0);  // what webrtcbin leaves behind is not ours
} catch (const std::exception& error) {
    std::fprintf(stderr, "webrtc-crowd: %s\n", error.what());
    return 1;
}
