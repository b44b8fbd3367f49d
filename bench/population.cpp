// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/population.h"

#include <algorithm>
#include <cstring>
#include <deque>

#include "dht/paths.h"

namespace bench {

namespace {

constexpr std::uint16_t port = 7000;

bool bit_of(const dht::NodeId& id, std::size_t bit) {
    return (id.octets[bit / 8] & (0x80U >> (bit % 8))) != 0;
}

}  // namespace

std::uint64_t scrambled(std::uint64_t number) {  // the finisher of SplitMix64 (Steele et al. 2014)
    number += 0x9e3779b97f4a7c15U;
    number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31U);
}

Population::Population(std::size_t size, std::uint64_t seed) : seed_(seed), ids_(size) {
    std::uint64_t number = scrambled(seed);
    for (dht::NodeId& id : ids_) {
        for (std::size_t at = 0; at < dht::NodeId::size; at += 4) {
            const auto four = static_cast<std::uint32_t>(scrambled(number++));
            std::memcpy(&id.octets[at], &four, sizeof four);
        }
    }
    std::sort(ids_.begin(), ids_.end());
}

dht::Contact Population::contact(std::size_t index) const {
    const auto octet = [&](unsigned shift) { return static_cast<std::uint8_t>(index >> shift & 0xffU); };
    return {ids_[index], dht::Endpoint::v4({10, octet(16), octet(8), octet(0)}, port)};
}

std::size_t Population::index_of(const dht::Contact& contact) {
    const auto& a = contact.endpoint.address;
    return static_cast<std::size_t>(a[13]) << 16U | static_cast<std::size_t>(a[14]) << 8U | a[15];
}

std::size_t Population::split(Range range, std::size_t bit) const {
    const auto at = [&](std::size_t index) { return ids_.begin() + static_cast<std::ptrdiff_t>(index); };
    const auto found = std::partition_point(at(range.begin), at(range.end),
                                            [&](const dht::NodeId& id) { return !bit_of(id, bit); });
    return static_cast<std::size_t>(found - ids_.begin());
}

void Population::fill_bucket(dht::RoutingTable& table, Range range, std::uint64_t chance) const {
    if (range.size() <= k) {
        for (auto i = range.begin; i < range.end; ++i) table.answered(contact(i), dht::Time{});
        return;
    }
    std::vector<std::size_t> chosen;
    while (chosen.size() < k) {
        chance = scrambled(chance);
        const auto index = range.begin + chance % range.size();
        if (std::find(chosen.begin(), chosen.end(), index) != chosen.end()) continue;
        chosen.push_back(index);
        table.answered(contact(index), dht::Time{});
    }
}

std::vector<dht::Contact> Population::asked(std::size_t index, const dht::NodeId& target,
                                            std::size_t count) const {
    dht::SeededRandom random{seed_};
    dht::RoutingTable table{ids_[index], {}, random};
    Range range{0, ids_.size()};
    for (std::size_t bit = 0; range.size() > 1; ++bit) {
        const auto middle = split(range, bit);
        const Range zeros{range.begin, middle};
        const Range ones{middle, range.end};
        const bool own = bit_of(ids_[index], bit);
        fill_bucket(table, own ? zeros : ones, scrambled(seed_ ^ index * dht::NodeId::bits ^ bit));
        range = own ? ones : zeros;
    }
    std::vector<dht::Contact> out;
    table.closest(target, count, out);
    return out;
}

std::vector<dht::Contact> Population::nearest(const dht::NodeId& target, std::size_t count,
                                              const std::function<bool(std::size_t)>& counts) const {
    // Down to the last subtree around the target that has enough of them.
    Range range{0, ids_.size()};
    std::vector<std::size_t> found;
    const auto admitted = [&](Range in) {
        std::vector<std::size_t> out;
        for (auto i = in.begin; i < in.end; ++i) {
            if (!counts || counts(i)) out.push_back(i);
        }
        return out;
    };
    for (std::size_t bit = 0; bit < dht::NodeId::bits; ++bit) {
        const auto middle = split(range, bit);
        const Range next = bit_of(target, bit) ? Range{middle, range.end} : Range{range.begin, middle};
        // While there are plenty, nobody needs to be counted.
        if (next.size() < 64 * count && admitted(next).size() < count) break;
        range = next;
    }
    std::vector<dht::Contact> out;
    for (const auto index : admitted(range)) out.push_back(contact(index));
    std::sort(out.begin(), out.end(),
              [&](const dht::Contact& a, const dht::Contact& b) { return dht::closer(target, a.id, b.id); });
    if (out.size() > count) out.resize(count);
    return out;
}

Population::Found Population::look_up(std::size_t from, const dht::NodeId& target, const Answer& answer,
                                      dht::Density& density) const {
    dht::Paths lookup{ids_[from], target, {}};
    lookup.seed(asked(from, target));
    Found out;
    std::deque<dht::Contact> under_way;
    const auto neighbours = asked(from, ids_[from]);
    const auto goes_on = [&] {
        return !lookup.finished() || (density.too_sparse(target, lookup.closest(), neighbours) &&
                                      lookup.open(asked(from, target, lookup.asked() + k)));
    };
    while (goes_on()) {
        while (const auto next = lookup.next()) under_way.push_back(*next);
        if (under_way.empty()) break;
        const auto contact = under_way.front();
        under_way.pop_front();
        ++out.queries;
        lookup.answered(contact, answer(index_of(contact), target));
    }
    out.closest = lookup.closest();
    density.found(target, out.closest);
    out.hops = lookup.hops();
    out.paths = lookup.size();
    return out;
}

}  // namespace bench
