// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/members.h"

#include <cassert>

namespace dht {

Members::Members(std::string federation, Bytes certificate) : federation_(std::move(federation)) {
    const auto name = FederationName::parse(federation_);
    assert(name.has_value());
    if (!name->key) return;
    closed_ = std::make_unique<Closed>();
    closed_->authority = *name->key;
    closed_->certificate = std::move(certificate);
}

std::optional<PublicKey> Members::authority() const {
    return closed_ ? std::optional{closed_->authority} : std::nullopt;
}

const Bytes& Members::certificate() const {
    static const Bytes none;
    return closed_ ? closed_->certificate : none;
}

void Members::renew(Bytes certificate) {
    if (closed_) closed_->certificate = std::move(certificate);
}

bool Members::admit(const NodeId& node, std::string_view certificate, Role least, Date now) {
    if (!closed_) return true;
    const auto shown = decode_certificate(certificate);
    if (!shown || shown->role < least || shown->expires <= now) return false;
    if (closed_->revocations.contains(shown->serial)) return false;
    const auto known = closed_->known.find(node);
    // The signature costs more than all the rest, and every record of a publisher comes with it.
    if (known != closed_->known.end() && known->second.encoded == certificate) return true;
    if (!verify(*shown, federation_, node, closed_->authority)) return false;
    remember(node, *shown, certificate);
    return true;
}

bool Members::admit_publisher(const Record& record, Date now) {
    return !closed_ || admit(record.publisher_id(), record.certificate, Role::server, now);
}

void Members::remember(const NodeId& node, const Certificate& certificate, std::string_view encoded) {
    auto& known = closed_->known;
    auto& expiries = closed_->expiries;
    const auto before = known.find(node);
    if (before != known.end()) {
        // Records may still carry the one before it was renewed.
        if (before->second.certificate.serial >= certificate.serial) return;
        expiries.erase({before->second.certificate.expires, node});
        known.erase(before);
    } else if (known.size() >= known_max) {
        forget(known.find(expiries.begin()->second));
    }
    known.emplace(node, Known{certificate, Bytes{encoded}});
    expiries.insert({certificate.expires, node});
}

void Members::forget(Entries::iterator entry) {
    closed_->fallen.push_back(entry->first);
    closed_->expiries.erase({entry->second.certificate.expires, entry->first});
    closed_->known.erase(entry);
}

bool Members::knows(const NodeId& node, Role least, Date now) const {
    if (!closed_) return true;
    const auto known = closed_->known.find(node);
    if (known == closed_->known.end()) return false;
    const auto& certificate = known->second.certificate;
    return certificate.role >= least && certificate.expires > now;
}

bool Members::revoke(const Item& list) {
    if (!closed_ || (closed_->list && list.seq <= closed_->list->seq)) return false;
    auto read = read_revocations(list, closed_->authority);
    if (!read) return false;
    closed_->revocations = *std::move(read);
    closed_->list = list;
    for (auto entry = closed_->known.begin(); entry != closed_->known.end();) {
        const auto here = entry++;
        if (closed_->revocations.contains(here->second.certificate.serial)) forget(here);
    }
    return true;
}

const Item* Members::revoked() const {
    return closed_ && closed_->list ? &*closed_->list : nullptr;
}

std::int64_t Members::revoked_seq() const {
    const auto* list = revoked();
    return list == nullptr ? 0 : list->seq;
}

std::vector<NodeId> Members::take_fallen(Date now) {
    if (!closed_) return {};
    auto& expiries = closed_->expiries;
    while (!expiries.empty() && expiries.begin()->first <= now) {
        forget(closed_->known.find(expiries.begin()->second));
    }
    return std::exchange(closed_->fallen, {});
}

std::optional<Date> Members::next_expiry() const {
    if (!closed_ || closed_->expiries.empty()) return std::nullopt;
    return closed_->expiries.begin()->first;
}

}  // namespace dht
