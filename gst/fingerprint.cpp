// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/fingerprint.h"

namespace gst {

std::string fingerprint_of(std::string_view pem) {
    constexpr std::string_view head = "-----BEGIN CERTIFICATE-----";
    const auto begin = pem.find(head);
    const auto end = pem.find("-----END CERTIFICATE-----");
    if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return {};
    const std::string base64{pem.substr(begin + head.size(), end - begin - head.size())};

    gsize size = 0;
    const Ptr<char> der{reinterpret_cast<char*>(g_base64_decode(base64.c_str(), &size))};
    if (size == 0) return {};
    const Ptr<char> digest{
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(der.get()), size)};

    std::string out;
    for (const char* digit = digest.get(); *digit; ++digit) {
        if (!out.empty() && (digit - digest.get()) % 2 == 0) out += ':';
        out += g_ascii_toupper(*digit);
    }
    return out;
}

std::string peer_fingerprint(GstWebRTCRTPTransceiver* transceiver) {
    const auto receiver = object_property<GObject>(transceiver, "receiver");
    const auto dtls = object_property<GObject>(receiver.get(), "transport");
    if (!dtls) return {};
    char* pem = nullptr;
    g_object_get(dtls.get(), "remote-certificate", &pem, nullptr);
    const Ptr<char> owned{pem};
    return pem ? fingerprint_of(pem) : std::string{};
}

}  // namespace gst
