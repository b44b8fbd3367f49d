// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/members.h"

#include <cassert>

namespace dht {

Members::Members(std::string federation, Bytes certificate)
    : federation_(std::move(federation)), certificate_(std::move(certificate)) {
    const auto name = FederationName::parse(federation_);
    assert(name.has_value());
    authority_ = name->key;
}

bool Members::admit(const NodeId& node, std::string_view certificate, Role least, Date now) {
    if (!closed()) return true;
    const auto shown = decode_certificate(certificate);
    if (!shown || shown->role < least || shown->expires <= now) return false;
    if (revocations_.contains(shown->serial)) return false;
    const auto known = known_.find(node);
    // The signature costs more than all the rest, and every record of a publisher comes with it.
    if (known != known_.end() && known->second.encoded == certificate) return true;
    if (!verify(*shown, federation_, node, *authority_)) return false;
    remember(node, *shown, certificate);
    return true;
}

void Members::remember(const NodeId& node, const Certificate& certificate, std::string_view encoded) {
    const auto known = known_.find(node);
    if (known != known_.end()) {
        // Records may still carry the one before it was renewed.
        if (known->second.certificate.serial >= certificate.serial) return;
        expiries_.erase({known->second.certificate.expires, node});
        known_.erase(known);
    } else if (known_.size() >= known_max) {
        forget(known_.find(expiries_.begin()->second));
    }
    known_.emplace(node, Known{certificate, Bytes{encoded}});
    expiries_.insert({certificate.expires, node});
}

void Members::forget(Entries::iterator entry) {
    fallen_.push_back(entry->first);
    expiries_.erase({entry->second.certificate.expires, entry->first});
    known_.erase(entry);
}

bool Members::knows(const NodeId& node, Role least, Date now) const {
    if (!closed()) return true;
    const auto known = known_.find(node);
    if (known == known_.end()) return false;
    const auto& certificate = known->second.certificate;
    return certificate.role >= least && certificate.expires > now;
}

bool Members::revoke(const Item& list) {
    if (!closed() || (list_ && list.seq <= list_->seq)) return false;
    auto read = read_revocations(list, *authority_);
    if (!read) return false;
    revocations_ = *std::move(read);
    list_ = list;
    for (auto entry = known_.begin(); entry != known_.end();) {
        const auto here = entry++;
        if (revocations_.contains(here->second.certificate.serial)) forget(here);
    }
    return true;
}

std::vector<NodeId> Members::take_fallen(Date now) {
    while (!expiries_.empty() && expiries_.begin()->first <= now) {
        forget(known_.find(expiries_.begin()->second));
    }
    return std::exchange(fallen_, {});
}

std::optional<Date> Members::next_expiry() const {
    return expiries_.empty() ? std::nullopt : std::optional{expiries_.begin()->first};
}

}  // namespace dht
