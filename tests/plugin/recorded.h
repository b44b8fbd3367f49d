// SPDX-License-Identifier: GPL-3.0-or-later
/// What was given to Janus's recorder, which stands for the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace tests {

struct Recorded {
    std::string name, codec;
    int red = 0;
    bool encrypted = false, closed = false;
    std::vector<std::vector<std::uint8_t>> frames;
};

/// All recorders of this process. Looked at once the disk's outbox has stopped.
std::vector<std::unique_ptr<Recorded>>& recorded();

}  // namespace tests
