// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/dependencies.h"

#include <algorithm>
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
    if (index >= templates_.size()) return std::nullopt;
    const auto& [temporal, spatial, switches_to] = templates_[index];
    return Frame{(extension[0] & 0x80U) != 0, (extension[0] & 0x40U) != 0, temporal, spatial, switches_to};
}

namespace {

/// What a frame is to somebody who decodes up to a certain layer.
constexpr unsigned absent = 0, switching = 2;

/// For each template its indications, one for each decode target. The temporal layer of a decode target is
/// the highest that any frame of it has.
template <class Templates>
bool read_targets(Bits& bits, unsigned targets, Templates& templates) {
    std::vector<unsigned> indications;
    std::vector<int> highest(targets, 0);
    for (const auto& each : templates)
        for (unsigned target = 0; target < targets; ++target) {
            const auto indication = bits.take(2);
            if (!indication) return false;
            indications.push_back(*indication);
            if (*indication != absent) highest[target] = std::max(highest[target], each.temporal);
        }
    auto indication = indications.begin();
    for (auto& each : templates)
        for (unsigned target = 0; target < targets; ++target)
            if (*indication++ == switching) each.switches_to = std::max(each.switches_to, highest[target]);
    return true;
}

}  // namespace

void DependencyReader::learn(std::span<const std::uint8_t> extension) {
    Bits bits{extension};
    const auto flags = bits.take(5);
    constexpr unsigned has_structure = 0x10;
    if (!flags || (*flags & has_structure) == 0) return;
    const auto first = bits.take(6), targets = bits.take(5);
    if (!first || !targets) return;
    constexpr unsigned next_temporal = 1, next_spatial = 2;  // 0: the same layer once more; 3: no more
    std::vector<Template> templates;
    Template next;
    while (templates.size() < templates_max) {
        templates.push_back(next);
        const auto step = bits.take(2);
        if (!step) return;
        if (*step == next_temporal) ++next.temporal;
        if (*step == next_spatial) next = {0, next.spatial + 1};
        if (*step > next_spatial) break;
    }
    if (!read_targets(bits, *targets + 1, templates)) return;
    first_template_ = *first;
    templates_ = std::move(templates);
}

std::optional<std::uint16_t> dependency_frame(std::span<const std::uint8_t> extension) {
    if (extension.size() < mandatory_octets) return std::nullopt;
    return static_cast<std::uint16_t>(extension[1] << 8U | extension[2]);
}

void set_dependency_frame(std::span<std::uint8_t> extension, std::uint16_t number) {
    extension[1] = static_cast<std::uint8_t>(number >> 8U);
    extension[2] = static_cast<std::uint8_t>(number);
}

}  // namespace plugin
