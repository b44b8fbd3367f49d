// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/dependencies.h"

#include <utility>

namespace plugin {

namespace {

constexpr std::size_t mandatory_octets = 3;
constexpr std::size_t templates_max = 64;  ///< an id has six bits

class Bits {
public:
    explicit Bits(std::span<const std::uint8_t> octets) : octets_(octets) {}
    /// Nothing beyond the end.
    std::optional<unsigned> take(int count) {
        unsigned number = 0;
        for (; count > 0; --count, ++at_) {
            if (at_ / 8 >= octets_.size()) return std::nullopt;
            number = number << 1U | (octets_[at_ / 8] >> (7 - at_ % 8) & 1U);
        }
        return number;
    }

private:
    std::span<const std::uint8_t> octets_;
    std::size_t at_ = 0;
};

}  // namespace

std::optional<DependencyReader::Frame> DependencyReader::read(std::span<const std::uint8_t> extension) {
    if (extension.size() < mandatory_octets) return std::nullopt;
    if (extension.size() > mandatory_octets) learn(extension.subspan(mandatory_octets));
    const unsigned id = extension[0] & 0x3fU;
    const std::size_t index = (id + templates_max - first_template_) % templates_max;
    if (index >= temporals_.size()) return std::nullopt;
    return Frame{(extension[0] & 0x80U) != 0, temporals_[index]};
}

void DependencyReader::learn(std::span<const std::uint8_t> extension) {
    Bits bits{extension};
    const auto flags = bits.take(5);
    constexpr unsigned has_structure = 0x10;
    if (!flags || (*flags & has_structure) == 0) return;
    const auto first = bits.take(6), targets = bits.take(5);
    if (!first || !targets) return;
    constexpr unsigned next_temporal = 1, next_spatial = 2;  // 0: the same layer once more; 3: no more
    std::vector<int> temporals;
    int temporal = 0;
    while (temporals.size() < templates_max) {
        temporals.push_back(temporal);
        const auto next = bits.take(2);
        if (!next) return;
        if (*next == next_temporal) ++temporal;
        if (*next == next_spatial) temporal = 0;
        if (*next > next_spatial) break;
    }
    first_template_ = *first;
    temporals_ = std::move(temporals);
}

}  // namespace plugin
