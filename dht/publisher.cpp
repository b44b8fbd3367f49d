// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/publisher.h"

#include <algorithm>

#include "dht/token.h"

namespace dht {

/// Greater than any before, across restarts too: the date leads, and leaves room for a million
/// records a second.
std::uint64_t Publisher::next_seq(Date now) {
    const auto seconds = std::max<std::int64_t>(now.time_since_epoch().count(), 0);
    last_seq_ = std::max(last_seq_ + 1, static_cast<std::uint64_t>(seconds) << 20U);
    return last_seq_;
}

PublicationId Publisher::publish(std::string kind, std::string name, Bytes value, Duration lifetime,
                                 Now now) {
    const auto [named, added] = named_.try_emplace({kind, name}, 0);
    if (added) named->second = next_id_++;
    Publication& publication = publications_[named->second];
    publication.id = named->second;
    publication.lifetime = std::clamp(lifetime, lifetime_min, lifetime_max_);
    publication.record.kind = std::move(kind);
    publication.record.name = std::move(name);
    publication.record.value = std::move(value);
    begin(publication, now);
    return publication.id;
}

void Publisher::withdraw(PublicationId id, Now now) {
    const auto found = publications_.find(id);
    if (found == publications_.end() || found->second.record.withdrawn()) return;
    Publication& publication = found->second;
    named_.erase({publication.record.kind, publication.record.name});
    publication.record.value.clear();
    begin(publication, now);
}

void Publisher::renew_all(Now now) {
    std::vector<PublicationId> ids;
    for (const auto& [id, publication] : publications_) {
        if (publication.search == 0) ids.push_back(id);  // the others look for the new holders already
    }
    std::sort(ids.begin(), ids.end());
    for (const auto id : ids) begin(publications_.at(id), now);
}

void Publisher::sign_anew(Publication& publication, Now now) {
    Record& record = publication.record;
    record.seq = next_seq(now.date);
    // A tombstone must outlive what it supersedes: it gets the full lifetime again.
    record.expires = now.date + std::chrono::ceil<std::chrono::seconds>(publication.lifetime);
    record.certificate = members_.certificate();
    sign(record, members_.federation(), identity_);
    store_.put(record, std::nullopt, now.date);

    ++publication.round;
    publication.asked.clear();
    publication.settled.clear();
    publication.acknowledged.clear();
    publication.waited_for = 0;
}

/// Restarted within the second, or with its clock set back, this node finds something of its own that is
/// newer than what it has to say: the holders would call that a replay.
void Publisher::supersede(Publication& publication, const Search& search, Now now) {
    const auto before = search.records.find(identity_.public_key());
    if (before == search.records.end() || before->second.seq < publication.record.seq) return;
    if (before->second == publication.record) return;
    last_seq_ = std::max(last_seq_, before->second.seq);
    sign_anew(publication, now);
}

void Publisher::begin(Publication& publication, Now now) {
    sign_anew(publication, now);
    const Record& record = publication.record;
    publication.search = next_id_++;
    schedule(publication, record.withdrawn() ? Time::max() : now.time + publication.lifetime / 2);
    std::erase_if(publication.holders,
                  [&](const auto& holder) { return holder.second.token_until <= now.time; });
    for (const auto& [contact, holder] : publication.holders)
        send(publication, contact, holder.token, 1, now);
    searches_.start(publication.search, Search::For::publication, publication.id,
                    key_of(members_.federation(), record.kind, record.name), now);
}

void Publisher::schedule(Publication& publication, Time at) {
    refreshes_.erase({publication.refresh_at, publication.id});
    publication.refresh_at = at;
    if (at != Time::max()) refreshes_.insert({at, publication.id});
}

void Publisher::send(Publication& publication, const Contact& to, std::string_view token,
                     std::uint8_t attempt, Now now) {
    const Bytes encoded = encode(publication.record);
    const Query query{.method = Method::store, .token = token, .record = encoded};
    const Purpose purpose{.task = Purpose::Task::store,
                          .owner = publication.id,
                          .round = publication.round,
                          .attempt = attempt};
    if (rpc_.ask(to, query, purpose, now.time) && publication.asked.insert(to).second)
        ++publication.waited_for;
}

void Publisher::searched(const Search& search, Now now) {
    const auto found = publications_.find(search.owner);
    if (found == publications_.end() || found->second.search != search.id) return;
    Publication& publication = found->second;
    publication.search = 0;
    supersede(publication, search, now);
    for (const Contact& contact : search.lookup.closest()) {
        const auto token = search.tokens.find(contact);
        if (token == search.tokens.end()) continue;
        publication.holders.insert_or_assign(contact, Holder{token->second, now.time + TokenMint::rotation});
        if (!publication.asked.contains(contact)) send(publication, contact, token->second, 1, now);
    }
    finish_if_done(publication, now);
}

Publisher::Publication* Publisher::find(const Rpc::Pending& question) {
    const auto found = publications_.find(question.purpose.owner);
    if (found == publications_.end() || found->second.round != question.purpose.round) return nullptr;
    return &found->second;
}

void Publisher::stored(const Rpc::Pending& question, Now now) {
    Publication* publication = find(question);
    if (publication == nullptr) return;
    const Contact from{*question.to.id, question.to.endpoint};
    publication->acknowledged.insert(from);
    give_up(*publication, from, now);
}

void Publisher::late(const Rpc::Pending& question, Now now) {
    Publication* publication = find(question);
    if (publication == nullptr) return;
    const Contact to{*question.to.id, question.to.endpoint};
    if (publication->acknowledged.contains(to)) return;
    const auto holder = publication->holders.find(to);
    if (question.purpose.attempt < attempts_max && holder != publication->holders.end()) {
        const Bytes token = holder->second.token;
        send(*publication, to, token, question.purpose.attempt + 1, now);
        return;
    }
    give_up(*publication, to, now);
}

void Publisher::refused(const Rpc::Pending& question, Now now) {
    Publication* publication = find(question);
    if (publication == nullptr) return;
    const Contact from{*question.to.id, question.to.endpoint};
    publication->holders.erase(from);
    give_up(*publication, from, now);
}

/// Waits for it no more; an acknowledgement that comes later still counts.
void Publisher::give_up(Publication& publication, const Contact& on, Now now) {
    if (!publication.asked.contains(on) || !publication.settled.insert(on).second) return;
    --publication.waited_for;
    finish_if_done(publication, now);
}

void Publisher::finish_if_done(Publication& publication, Now) {
    if (publication.search != 0 || publication.waited_for > 0) return;
    std::erase_if(publication.holders,
                  [&](const auto& holder) { return !publication.acknowledged.contains(holder.first); });
    if (publication.record.withdrawn()) {
        publications_.erase(publication.id);
        return;
    }
    events_.emplace_back(Stored{publication.id, publication.acknowledged.size()});
}

void Publisher::advance(Now now) {
    while (!refreshes_.empty() && refreshes_.begin()->first <= now.time) {
        begin(publications_.at(refreshes_.begin()->second), now);
    }
}

std::optional<Time> Publisher::deadline() const {
    return refreshes_.empty() ? std::nullopt : std::optional{refreshes_.begin()->first};
}

}  // namespace dht
