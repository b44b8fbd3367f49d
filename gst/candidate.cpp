// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/candidate.h"

#include <gio/gio.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "federation/glib/ptr.h"

namespace gst {

namespace {

constexpr std::size_t candidate_bytes_max = 256;  // the longest of libnice's own is half of that
constexpr std::size_t words_min = 8;              // …typ host
constexpr std::size_t words_max = 24;
constexpr std::string_view prefix = "candidate:";

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty() && words.size() <= words_max) {
        const auto space = text.find(' ');
        words.push_back(text.substr(0, space));
        text = space == std::string_view::npos ? std::string_view{} : text.substr(space + 1);
    }
    return words;
}

std::optional<std::uint32_t> number(std::string_view word, std::uint32_t low, std::uint32_t high) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc{} || end != word.data() + word.size() || value < low || value > high)
        return std::nullopt;
    return value;
}

bool is_ice_char(char c) {
    return g_ascii_isalnum(c) || c == '+' || c == '/' || c == '-' || c == '_';
}

bool is_extension_char(char c) {
    return g_ascii_isgraph(c);
}

bool all_of(std::string_view word, bool (*predicate)(char)) {
    return !word.empty() && std::all_of(word.begin(), word.end(), predicate);
}

bool is_ipv4_broadcast(GInetAddress* address) {
    if (g_inet_address_get_family(address) != G_SOCKET_FAMILY_IPV4) return false;
    const guint8* octets = g_inet_address_to_bytes(address);
    return std::all_of(octets, octets + 4, [](guint8 octet) { return octet == 255; });
}

CandidateVerdict check_address(std::string_view word, bool loopback) {
    const auto address = glib::take_ref(g_inet_address_new_from_string(std::string{word}.c_str()));
    if (!address) return word.ends_with(".local") ? CandidateVerdict::useless : CandidateVerdict::bad;
    if (g_inet_address_get_is_any(address.get()) || g_inet_address_get_is_multicast(address.get()) ||
        is_ipv4_broadcast(address.get()))
        return CandidateVerdict::bad;
    // A peer must not make us knock at our own ports.
    if (g_inet_address_get_is_loopback(address.get()) && !loopback) return CandidateVerdict::useless;
    return CandidateVerdict::good;
}

bool is_type(std::string_view word) {
    return word == "host" || word == "srflx" || word == "prflx" || word == "relay";
}

}  // namespace

CandidateVerdict check_candidate(std::string_view candidate, bool loopback) {
    constexpr auto bad = CandidateVerdict::bad;
    if (candidate.size() > candidate_bytes_max || !candidate.starts_with(prefix)) return bad;
    const auto words = words_of(candidate.substr(prefix.size()));
    if (words.size() < words_min || words.size() > words_max) return bad;

    const auto [foundation, component, transport, priority, address, port] =
        std::tuple{words[0], words[1], words[2], words[3], words[4], words[5]};
    if (foundation.size() > 32 || !all_of(foundation, is_ice_char)) return bad;
    if (!number(component, 1, 256) || !number(priority, 1, INT32_MAX)) return bad;
    if (words[6] != "typ" || !is_type(words[7])) return bad;
    for (const auto word : words)
        if (!all_of(word, is_extension_char)) return bad;

    const bool udp = transport == "UDP" || transport == "udp";
    if (!udp || component != "1") return CandidateVerdict::useless;
    if (!number(port, 1, UINT16_MAX)) return bad;
    return check_address(address, loopback);
}

}  // namespace gst
