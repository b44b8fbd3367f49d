// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/clocks.h"

#include <algorithm>

namespace dht {

using std::chrono::seconds;

namespace {

seconds since_epoch(Time time) {
    return std::chrono::duration_cast<seconds>(time.time_since_epoch());
}

seconds absolute(seconds ahead) {
    return ahead < seconds{0} ? -ahead : ahead;
}

}  // namespace

void Clocks::heard(const NodeId& node, Date theirs, Now now) {
    const Heard heard{theirs.time_since_epoch() - since_epoch(now.time), now.time};
    if (auto* known = heard_.find(node)) {
        *known = heard;
    } else {
        const auto stale = [&](const auto& entry) { return now.time - entry.value.at > remembered; };
        if (!heard_.make_room(nodes_max, stale)) return;
        heard_.add(node, heard);
    }
    if (!due_) due_ = now.time + judged_every;
}

void Clocks::advance(Now now) {
    if (!due_ || *due_ > now.time) return;
    due_.reset();
    heard_.erase_if([&](const auto& entry) { return now.time - entry.value.at > remembered; });
    judge(now);
    // Else what is heard next begins it again: a node that is at rest is not woken for this.
    if (own_ != seconds{0} || !wrong_.empty()) due_ = now.time + judged_every;
}

std::optional<Time> Clocks::deadline() const {
    return due_;
}

Clocks::Aheads Clocks::aheads(Now now) const {
    const auto ours = now.date.time_since_epoch() - since_epoch(now.time);
    Aheads out;
    for (const auto& [node, heard] : heard_) out.emplace_back(node, heard.offset - ours);
    std::ranges::sort(out, {}, [](const auto& each) { return each.second; });
    return out;
}

seconds Clocks::judge_own(const Aheads& all) const {
    if (all.size() < 2) return seconds{0};
    // Of an even number the middle one that is nearer to ours: then more than half are off if it is.
    const auto& lower = all[(all.size() - 1) / 2].second;
    const auto& upper = all[all.size() / 2].second;
    if ((lower < seconds{0}) != (upper < seconds{0})) return seconds{0};
    const seconds median = absolute(lower) < absolute(upper) ? lower : upper;
    return absolute(median) > (own_ == seconds{0} ? tolerated : better) ? -median : seconds{0};
}

Clocks::Wrong Clocks::judge_others(Aheads all, seconds own) const {
    for (auto& [node, ahead] : all) ahead += own;  // ahead of what most agree on
    std::erase_if(all, [&](const auto& each) {
        return absolute(each.second) <= (complained_of(each.first) ? better : tolerated);
    });
    std::ranges::sort(all);
    return all;
}

std::optional<seconds> Clocks::complained_of(const NodeId& node) const {
    const auto found = std::ranges::find(wrong_, node, &Wrong::value_type::first);
    return found == wrong_.end() ? std::nullopt : std::optional{found->second};
}

void Clocks::judge(Now now) {
    const auto all = aheads(now);
    auto own = judge_own(all);
    auto wrong = judge_others(all, own);
    if ((own == seconds{0}) != (own_ == seconds{0})) events_.push_back(ClockDiffers{{}, own});
    for (const auto& [node, ahead] : wrong) {
        if (!complained_of(node)) events_.push_back(ClockDiffers{node, ahead});
    }
    std::swap(own_, own);
    std::swap(wrong_, wrong);
    for (const auto& [node, ahead] : wrong) {
        if (!complained_of(node) && heard_.find(node) != nullptr)
            events_.push_back(ClockDiffers{node, seconds{0}});
    }
}

}  // namespace dht
