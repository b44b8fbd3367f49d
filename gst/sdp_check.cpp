// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/sdp_check.h"

#include <glib.h>

#include <algorithm>
#include <optional>

#include "gst/candidate.h"

namespace gst {

using federation::Error;
using federation::Result;

namespace {

constexpr std::size_t sdp_bytes_max = 16 * 1024;  // ours have 1 to 2 KiB
constexpr std::size_t lines_max = 256;
constexpr std::size_t candidates_max = 32;  // each costs connectivity checks to where the peer says
constexpr std::size_t mid_bytes_max = 16;
constexpr std::size_t fingerprint_bytes = 32 * 3 - 1;

using Lines = std::vector<std::string_view>;

std::optional<Lines> lines_of(std::string_view text) {
    Lines lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        auto line = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!std::all_of(line.begin(), line.end(), [](char c) { return g_ascii_isprint(c); }))
            return std::nullopt;
        lines.push_back(line);
        if (lines.size() > lines_max) return std::nullopt;
    }
    return lines;
}

/// What follows `name`, if exactly one line begins with it.
std::optional<std::string> the_only(const Lines& lines, std::string_view name) {
    std::optional<std::string> found;
    for (const auto line : lines) {
        if (!line.starts_with(name)) continue;
        if (found) return std::nullopt;
        found = line.substr(name.size());
    }
    return found;
}

bool has(const Lines& lines, std::string_view line) {
    return std::find(lines.begin(), lines.end(), line) != lines.end();
}

bool is_token(std::string_view word, std::size_t bytes_min, std::size_t bytes_max,
              std::string_view punctuation) {
    return word.size() >= bytes_min && word.size() <= bytes_max &&
           std::all_of(word.begin(), word.end(), [&](char c) {
               return g_ascii_isalnum(c) || punctuation.find(c) != std::string_view::npos;
           });
}

/// 32 octets in hexadecimal with colons between.
bool is_fingerprint(std::string_view word) {
    if (word.size() != fingerprint_bytes) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
        if (i % 3 == 2 ? word[i] != ':' : !g_ascii_isxdigit(word[i])) return false;
    return true;
}

std::string media_end() {
    return " UDP/TLS/RTP/SAVPF " + std::to_string(outer_payload_type);
}

std::string rtpmap() {
    return "a=rtpmap:" + std::to_string(outer_payload_type) + " " + std::string{outer_encoding} + "/90000";
}

/// Nothing if the one media section is the one that trunks have.
std::optional<Error> check_media(const Lines& lines) {
    const auto media = the_only(lines, "m=");
    if (!media) return Error{"not exactly one m-line"};
    if (!media->starts_with("video ") || !media->ends_with(media_end()))
        return Error{"an m-line that no trunk has"};
    if (!has(lines, rtpmap())) return Error{"another payload type"};
    if (!has(lines, "a=sendrecv")) return Error{"not sendrecv"};
    if (!has(lines, "a=rtcp-mux")) return Error{"no rtcp-mux"};
    return std::nullopt;
}

bool fits(std::string_view setup, SdpKind kind) {
    return kind == SdpKind::offer ? setup == "actpass" : setup == "active" || setup == "passive";
}

Result<std::vector<std::string>> read_candidates(const Lines& lines, SdpPolicy policy) {
    std::vector<std::string> good;
    for (const auto line : lines) {
        if (!line.starts_with("a=candidate:")) continue;
        const auto candidate = line.substr(2);
        const auto verdict = check_candidate(candidate, policy.loopback);
        if (verdict == CandidateVerdict::bad) return Error{"a malformed candidate"};
        if (verdict == CandidateVerdict::good) good.emplace_back(candidate);
        if (good.size() > candidates_max) return Error{"too many candidates"};
    }
    if (good.empty()) return Error{"no candidate that we could use"};
    return good;
}

std::string upper(std::string text) {
    for (char& c : text) c = g_ascii_toupper(c);
    return text;
}

}  // namespace

Result<TrunkDescription> read_sdp(std::string_view text, SdpKind kind, SdpPolicy policy) {
    if (text.size() > sdp_bytes_max) return Error{"longer than any trunk's description"};
    const auto lines = lines_of(text);
    if (!lines || lines->empty() || lines->front() != "v=0") return Error{"no session description"};
    if (auto error = check_media(*lines)) return *error;

    const auto mid = the_only(*lines, "a=mid:");
    if (!mid || !is_token(*mid, 1, mid_bytes_max, "_-")) return Error{"no mid"};
    const auto ufrag = the_only(*lines, "a=ice-ufrag:");
    const auto pwd = the_only(*lines, "a=ice-pwd:");
    if (!ufrag || !is_token(*ufrag, 4, 256, "+/") || !pwd || !is_token(*pwd, 22, 256, "+/"))
        return Error{"no ICE credentials"};
    const auto fingerprint = the_only(*lines, "a=fingerprint:sha-256 ");
    if (!fingerprint || !is_fingerprint(*fingerprint)) return Error{"no SHA-256 fingerprint"};
    const auto setup = the_only(*lines, "a=setup:");
    if (!setup || !fits(*setup, kind)) return Error{"a wrong DTLS role"};

    auto candidates = read_candidates(*lines, policy);
    if (!candidates) return candidates.error();
    return TrunkDescription{kind, *mid, *ufrag, *pwd, upper(*fingerprint), *setup, std::move(*candidates)};
}

std::string write_sdp(const TrunkDescription& description) {
    std::string out =
        "v=0\r\n"
        "o=- 1 0 IN IP4 0.0.0.0\r\n"
        "s=-\r\n"
        "t=0 0\r\n";
    const auto line = [&out](const std::string& text) { out += text + "\r\n"; };
    line("a=group:BUNDLE " + description.mid);
    line("m=video 9" + media_end());
    line("c=IN IP4 0.0.0.0");
    line("a=setup:" + description.setup);
    line("a=ice-ufrag:" + description.ice_ufrag);
    line("a=ice-pwd:" + description.ice_pwd);
    line("a=rtcp-mux");
    line("a=sendrecv");
    line(rtpmap());
    line("a=mid:" + description.mid);
    line("a=fingerprint:sha-256 " + description.fingerprint);
    for (const auto& candidate : description.candidates) line("a=" + candidate);
    line("a=end-of-candidates");
    return out;
}

}  // namespace gst
