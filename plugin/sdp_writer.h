// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/sdp_lines.h"

namespace plugin {

/// Writes the descriptions that Janus gets from a plugin; it adds ICE, DTLS, SSRCs, layers and RTX itself.
class SdpWriter {
public:
    SdpWriter(std::uint64_t session, unsigned version);

    struct Media {
        SdpLine::Kind kind;
        std::string protocol;
        std::string mid;
        std::string direction = "sendonly";
        std::vector<SdpLine::Format> formats{};
        std::vector<std::pair<int, std::string>> extensions{};
        bool transport_wide = false;  ///< feedback with transport-wide numbers
        std::string msid{};           ///< "STREAM TRACK"
    };
    void add(const Media& media);
    void add_data(const std::string& protocol, const std::string& mid, bool inactive = false);
    void add_rejected(const SdpLine& offered);

    [[nodiscard]] const std::string& text() const { return text_; }

private:
    void line(std::string_view what);
    void begin(std::string_view kind, int port, std::string_view protocol, const std::string& formats,
               const std::string& mid);
    std::string text_;
};

}  // namespace plugin
