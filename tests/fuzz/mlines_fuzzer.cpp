// SPDX-License-Identifier: GPL-3.0-or-later
/// An SDP, from a browser or from another server.
#include "plugin/mlines.h"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto mlines = plugin::parse_mlines(std::string{reinterpret_cast<const char*>(data), size});
    if (!mlines) return 0;
    if (mlines->empty() || mlines->size() > plugin::mlines_max) std::abort();
    for (const auto& mline : *mlines) {
        for (const int id : {mline.audio_level, mline.orientation, mline.playout_delay, mline.dependencies})
            if (id < 0 || id > 255) std::abort();
        if (mline.formats.size() > 128) std::abort();
    }
    return 0;
}
