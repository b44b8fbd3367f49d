// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/lookup.h"

#include <algorithm>

#include "dht/subnet.h"

namespace dht {

Lookup::Lookup(const NodeId& self, const NodeId& target, Limits limits, Families families)
    : self_(self), target_(target), limits_(limits), families_(families) {}

void Lookup::add(std::span<const Contact> contacts, int hops) {
    for (const Contact& contact : contacts) add(contact, hops);
}

void Lookup::add(const Contact& contact, int hops) {
    if (contact.id == self_ || !families_.contain(contact.endpoint)) return;
    const auto place = std::lower_bound(
        candidates_.begin(), candidates_.end(), contact,
        [&](const Candidate& a, const Contact& b) { return closer(target_, a.contact.id, b.id); });
    const auto most = limits_.k * candidates_per_k;
    if (candidates_.size() >= most && place == candidates_.end()) return;

    std::size_t same_id = 0;
    for (auto it = place; it != candidates_.end() && it->contact.id == contact.id; ++it) {
        if (it->contact == contact || ++same_id >= endpoints_per_id) return;
    }
    if (crowded(contact.endpoint)) return;
    candidates_.insert(place, {.contact = contact, .hops = hops});
    if (candidates_.size() > most) candidates_.pop_back();
}

bool Lookup::crowded(const Endpoint& endpoint) const {
    if (limits_.exempt_private && is_private(endpoint)) return false;
    const auto subnet = subnet_of(endpoint);
    const auto same = std::count_if(candidates_.begin(), candidates_.end(), [&](const Candidate& candidate) {
        return subnet_of(candidate.contact.endpoint) == subnet;
    });
    return static_cast<std::size_t>(same) >= limits_.per_subnet;
}

Lookup::Candidate* Lookup::find(const Contact& contact) {
    const auto found = std::find_if(candidates_.begin(), candidates_.end(),
                                    [&](const Candidate& candidate) { return candidate.contact == contact; });
    return found == candidates_.end() ? nullptr : &*found;
}

/// Everybody is late and nobody has answered.
bool Lookup::may_ask_again() const {
    const auto gone = [](const Candidate& c) { return is_out(c.status); };
    const auto late = [](const Candidate& c) { return c.status == Status::late; };
    return !asked_again_ && std::all_of(candidates_.begin(), candidates_.end(), gone) &&
           std::any_of(candidates_.begin(), candidates_.end(), late);
}

std::optional<Contact> Lookup::next() {
    if (may_ask_again()) {
        asked_again_ = true;
        for (Candidate& candidate : candidates_) {
            if (candidate.status == Status::late) candidate.status = Status::known;
        }
    }
    const auto in_flight =
        std::count_if(candidates_.begin(), candidates_.end(),
                      [](const Candidate& candidate) { return candidate.status == Status::asked; });
    if (static_cast<std::size_t>(in_flight) >= (stalled() ? limits_.k : limits_.alpha)) return std::nullopt;

    std::size_t rank = 0;
    for (Candidate& candidate : candidates_) {
        const auto status = candidate.status;
        if (is_out(status) || status == Status::slow) continue;
        if (rank++ == limits_.k) break;
        if (candidate.status != Status::known) continue;
        candidate.status = Status::asked;
        return candidate.contact;
    }
    return std::nullopt;
}

int Lookup::answered(const Contact& contact, std::span<const Contact> closer_ones) {
    Candidate* candidate = find(contact);
    if (candidate == nullptr) return 1;
    candidate->status = Status::answered;
    const auto hops = candidate->hops;
    hops_ = std::max(hops_, hops);
    const auto nearest = candidates_.front().contact.id;
    add(closer_ones, hops + 1);
    const bool progress = closer(target_, candidates_.front().contact.id, nearest);
    without_progress_ = progress ? 0 : without_progress_ + 1;
    return hops + 1;
}

void Lookup::slow(const Contact& contact) {
    Candidate* candidate = find(contact);
    if (candidate == nullptr || candidate->status != Status::asked) return;
    candidate->status = Status::slow;
    ++without_progress_;
}

void Lookup::late(const Contact& contact) {
    Candidate* candidate = find(contact);
    if (candidate == nullptr) return;
    if (candidate->status == Status::asked) ++without_progress_;
    const bool open = candidate->status == Status::asked || candidate->status == Status::slow;
    if (open) candidate->status = Status::late;
}

void Lookup::failed(const Contact& contact) {
    Candidate* candidate = find(contact);
    if (candidate == nullptr || candidate->status == Status::answered) return;
    candidate->status = Status::failed;
    ++without_progress_;
}

void Lookup::passed_over(const Contact& contact) {
    if (Candidate* candidate = find(contact)) candidate->status = Status::passed_over;
}

bool Lookup::finished() const {
    if (may_ask_again()) return false;
    std::size_t answered = 0;
    for (const Candidate& candidate : candidates_) {
        if (answered == limits_.k) break;
        const auto status = candidate.status;
        if (status == Status::known || status == Status::asked || status == Status::slow) return false;
        if (candidate.status == Status::answered) ++answered;
    }
    return true;
}

std::vector<Contact> Lookup::likely() const {
    std::vector<Contact> out;
    if (!stalled()) return out;
    std::size_t rank = 0;
    for (const Candidate& candidate : candidates_) {
        if (is_out(candidate.status)) continue;
        if (rank++ == limits_.k) break;
        if (candidate.status == Status::answered) out.push_back(candidate.contact);
    }
    return out;
}

std::vector<Contact> Lookup::silent() const {
    std::vector<Contact> out;
    for (const Candidate& candidate : candidates_) {
        const bool silent = candidate.status == Status::late || candidate.status == Status::failed;
        if (silent) out.push_back(candidate.contact);
    }
    return out;
}

std::vector<Contact> Lookup::closest() const {
    std::vector<Contact> out;
    for (const Candidate& candidate : candidates_) {
        if (out.size() == limits_.k) break;
        if (candidate.status == Status::answered) out.push_back(candidate.contact);
    }
    return out;
}

}  // namespace dht
