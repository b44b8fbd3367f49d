// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/simulcast_answer.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace plugin {

namespace {

/// The m-lines with what belongs to each; what stands before the first is the first of all. The line ends
/// stay.
std::vector<std::string> sections(const std::string& sdp) {
    std::vector<std::string> parts{""};
    for (std::size_t begin = 0; begin < sdp.size();) {
        const std::size_t end = std::min(sdp.find('\n', begin), sdp.size() - 1) + 1;
        const std::string line = sdp.substr(begin, end - begin);
        if (line.starts_with("m=")) parts.emplace_back();
        parts.back() += line;
        begin = end;
    }
    return parts;
}

bool names_layers(std::string_view line) {
    return line.starts_with("a=extmap:") &&
           (line.find(":sdes:rtp-stream-id") != std::string_view::npos ||
            line.find(":sdes:repaired-rtp-stream-id") != std::string_view::npos);
}

/// The lines that negotiate the names of layers, ends included.
std::string layer_lines(const std::string& section) {
    std::string lines;
    for (std::size_t begin = 0; begin < section.size();) {
        const std::size_t end = std::min(section.find('\n', begin), section.size() - 1) + 1;
        const std::string line = section.substr(begin, end - begin);
        if (names_layers(line)) lines += line;
        begin = end;
    }
    return lines;
}

bool is_live_video(const std::string& section) {
    return section.starts_with("m=video ") && !section.starts_with("m=video 0 ");
}

}  // namespace

std::string with_layer_extensions(const std::string& answer, const std::string& offer) {
    const auto offered = sections(offer);
    auto answered = sections(answer);
    std::string amended;
    for (std::size_t i = 0; i < answered.size(); ++i) {
        auto& section = answered[i];
        if (i > 0 && i < offered.size() && is_live_video(section) && layer_lines(section).empty()) {
            if (section.back() != '\n') section += "\r\n";
            section += layer_lines(offered[i]);
        }
        amended += section;
    }
    return amended;
}

}  // namespace plugin
