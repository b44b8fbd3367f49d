// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/publisher.h"

#include <algorithm>
#include <utility>

#include "dht/token.h"

namespace dht {

/// Greater than any before, across restarts too: the date leads, and leaves room for a million
/// records a second.
std::uint64_t Publisher::next_seq(Date now) {
    const auto seconds = std::max<std::int64_t>(now.time_since_epoch().count(), 0);
    last_seq_ = std::max(last_seq_ + 1, static_cast<std::uint64_t>(seconds) << 20U);
    return last_seq_;
}

/// The publication of that name. One whose tombstone is still on its way ends here: it would go on to
/// outdo what is said after it. Whom it was sent to holds the name's last version, and is remembered.
Publisher::Publication& Publisher::named(const std::string& kind, const std::string& name) {
    const auto [known, added] = named_.try_emplace({kind, name}, next_id_);
    if (added) return publications_[next_id_++];
    const auto found = publications_.find(known->second);
    if (!found->second.record.withdrawn()) return found->second;
    auto ended = publications_.extract(found);
    ended.key() = known->second = next_id_++;
    return publications_.insert(std::move(ended)).position->second;
}

PublicationId Publisher::publish(std::string kind, std::string name, Bytes value, Duration lifetime,
                                 Now now) {
    Publication& publication = named(kind, name);
    publication.id = named_.at({kind, name});
    publication.lifetime = std::clamp(lifetime, lifetime_min, lifetime_max_);
    publication.record.kind = std::move(kind);
    publication.record.name = std::move(name);
    publication.record.value = std::move(value);
    begin(publication, Why::changed, now);
    return publication.id;
}

void Publisher::withdraw(PublicationId id, Now now) {
    const auto found = publications_.find(id);
    if (found == publications_.end() || found->second.record.withdrawn()) return;
    found->second.record.value.clear();
    begin(found->second, Why::changed, now);
}

std::size_t Publisher::holders(PublicationId id) const {
    const auto found = publications_.find(id);
    return found == publications_.end() ? 0 : found->second.acknowledged;
}

void Publisher::renew_all(Now now) {
    std::vector<PublicationId> ids;
    for (const auto& [id, publication] : publications_) {
        if (publication.search == 0) ids.push_back(id);  // the others look for the new holders already
    }
    std::sort(ids.begin(), ids.end());
    for (const auto id : ids) begin(publications_.at(id), Why::due, now);
}

void Publisher::sign_anew(Publication& publication, Now now) {
    Record& record = publication.record;
    publication.seq_before = record.seq;
    record.seq = next_seq(now.date);
    // A tombstone must outlive what it supersedes: it gets the full lifetime again.
    record.expires = now.date + std::chrono::ceil<std::chrono::seconds>(publication.lifetime);
    record.certificate = members_.certificate();
    sign(record, members_.federation(), identity_);
    publication.encoded = encode(record);
    store_.put(record, std::nullopt, now.date);

    ++publication.round;
    publication.waited_for = publication.acknowledged = 0;
    for (auto& [contact, holder] : publication.holders) holder = {holder.token, holder.token_until};
}

void Publisher::begin(Publication& publication, Why why, Now now) {
    sign_anew(publication, now);
    const Record& record = publication.record;
    publication.search = next_id_++;
    publication.anybody = publication.quorum_told = publication.superseded_told = false;
    schedule(publication, record.withdrawn() ? Time::max() : now.time + publication.lifetime / 2);
    std::erase_if(publication.holders,
                  [&](const auto& holder) { return holder.second.token_until <= now.time; });
    if (why == Why::changed) send_to_holders(publication, now);
    const auto what = why == Why::changed ? Search::For::publication : Search::For::renewal;
    searches_.start(publication.search, what, publication.id,
                    key_of(members_.federation(), record.kind, record.name), now);
}

void Publisher::schedule(Publication& publication, Time at) {
    refreshes_.erase({publication.refresh_at, publication.id});
    publication.refresh_at = at;
    if (at != Time::max()) refreshes_.insert({at, publication.id});
}

void Publisher::send(Publication& publication, const Contact& to, Holder& holder, std::uint8_t attempt,
                     Now now) {
    const Query query{.method = Method::store, .token = holder.token, .record = publication.encoded};
    const Purpose purpose{.task = Purpose::Task::store,
                          .owner = publication.id,
                          .round = publication.round,
                          .attempt = attempt};
    if (!rpc_.ask(to, query, purpose, now.time)) {
        if (holder.asked) settle(publication, holder, now);
    } else if (!std::exchange(holder.asked, true)) {
        ++publication.waited_for;
    }
}

/// Those of the last version, as far as they are not asked yet.
void Publisher::send_to_holders(Publication& publication, Now now) {
    for (auto& [contact, holder] : publication.holders) {
        if (holder.asked) continue;
        holder.outdated = true;
        send(publication, contact, holder, 1, now);
    }
}

/// It has been started anew, say, and knows none of its tokens: with the one of now.
void Publisher::send_again(Publication& publication, const Contact& to, Holder& holder, Now now) {
    holder.outdated = false;
    if (std::exchange(holder.settled, false)) ++publication.waited_for;
    send(publication, to, holder, 1, now);
}

void Publisher::store_at(Publication& publication, const std::vector<Contact>& contacts, const Search& search,
                         Now now) {
    for (const Contact& contact : contacts) {
        const auto token = search.tokens.find(contact);
        if (token == search.tokens.end()) continue;
        Holder& holder = publication.holders[contact];
        holder.renewed = holder.renewed || holder.token != token->second;
        holder.token = token->second;
        holder.token_until = now.time + TokenMint::rotation;
        const bool refused = holder.outdated && holder.settled && !holder.holds;
        if (!holder.asked) send(publication, contact, holder, 1, now);
        if (refused && holder.renewed) send_again(publication, contact, holder, now);
    }
}

/// Beside what this node has said before there is something newer: of an earlier life that ended within
/// the second, or with a clock that ran ahead; or of a twin. To the holders, less than that is a replay.
void Publisher::supersede(Publication& publication, const Search& search, Now now) {
    const auto found = search.records.find(identity_.public_key());
    if (found == search.records.end() || found->second == publication.record) return;
    const auto seq = found->second.seq;
    const bool outdone = seq >= publication.record.seq;
    const bool told_since = publication.seq_before > 0 && seq > publication.seq_before;
    if (!outdone && !told_since) return;
    if (!std::exchange(publication.superseded_told, true))
        events_.emplace_back(Superseded{publication.id, seq});
    if (!outdone) return;
    last_seq_ = std::max(last_seq_, seq);
    sign_anew(publication, now);
}

void Publisher::progressed(const Search& search, Now now) {
    const auto found = publications_.find(search.owner);
    if (found == publications_.end() || found->second.search != search.id) return;
    supersede(found->second, search, now);
    store_at(found->second, search.lookup.likely(), search, now);
}

void Publisher::searched(const Search& search, Now now) {
    const auto found = publications_.find(search.owner);
    if (found == publications_.end() || found->second.search != search.id) return;
    Publication& publication = found->second;
    supersede(publication, search, now);
    const auto closest = search.lookup.closest();
    publication.anybody = !closest.empty();
    store_at(publication, closest, search, now);
    send_to_holders(publication, now);  // who was late, or is not among the closest any more
    publication.search = 0;
    conclude_if_done(publication, now);
}

Publisher::Publication* Publisher::find(const Rpc::Pending& question) {
    const auto found = publications_.find(question.purpose.owner);
    if (found == publications_.end() || found->second.round != question.purpose.round) return nullptr;
    return &found->second;
}

Publisher::Holder* Publisher::holder(Publication& publication, const Rpc::Pending& question) {
    const auto found = publication.holders.find({*question.to.id, question.to.endpoint});
    return found == publication.holders.end() ? nullptr : &found->second;
}

/// An acknowledgement counts also when nobody waits for it any more.
void Publisher::stored(const Rpc::Pending& question, Now now) {
    Publication* publication = find(question);
    Holder* from = publication ? holder(*publication, question) : nullptr;
    if (from == nullptr) return;
    if (!std::exchange(from->holds, true)) ++publication->acknowledged;
    settle(*publication, *from, now);
}

void Publisher::late(const Rpc::Pending& question, Now now) {
    Publication* publication = find(question);
    Holder* to = publication ? holder(*publication, question) : nullptr;
    if (to == nullptr || to->holds) return;
    const auto attempt = question.purpose.attempt;
    if (attempt >= attempts_max) return settle(*publication, *to, now);
    send(*publication, {*question.to.id, question.to.endpoint}, *to, attempt + 1, now);
}

void Publisher::refused(const Rpc::Pending& question, Now now) {
    Publication* publication = find(question);
    Holder* from = publication ? holder(*publication, question) : nullptr;
    if (from == nullptr) return;
    if (from->outdated && from->renewed)
        return send_again(*publication, {*question.to.id, question.to.endpoint}, *from, now);
    settle(*publication, *from, now);
}

void Publisher::settle(Publication& publication, Holder& holder, Now now) {
    if (std::exchange(holder.settled, true)) return;
    --publication.waited_for;
    conclude_if_done(publication, now);
}

void Publisher::conclude_if_done(Publication& publication, Now now) {
    const bool withdrawn = publication.record.withdrawn();
    if (publication.search != 0 || publication.waited_for > 0) {
        const bool enough = publication.acknowledged >= quorum && !withdrawn;
        if (enough && !std::exchange(publication.quorum_told, true))
            events_.emplace_back(Stored{publication.id, publication.acknowledged, false});
        return;
    }
    if (withdrawn) {
        named_.erase({publication.record.kind, publication.record.name});
        publications_.erase(publication.id);
        return;
    }
    std::erase_if(publication.holders, [](const auto& holder) { return !holder.second.holds; });
    if (publication.acknowledged == 0) return nobody_holds(publication, now);
    publication.held = Publication::Held::yes;
    publication.retry = {};
    events_.emplace_back(Stored{publication.id, publication.acknowledged});
}

void Publisher::nobody_holds(Publication& publication, Now now) {
    using Held = Publication::Held;
    if (publication.held != Held::never || publication.anybody) {
        publication.retry = publication.retry == Duration{} ? retry_first : publication.retry * 2;
        publication.retry = std::min(publication.retry, publication.lifetime / 2);
        schedule(publication, std::min(publication.refresh_at, now.time + publication.retry));
    }
    if (publication.held == Held::never) {
        events_.emplace_back(Stored{publication.id, 0});
    } else if (std::exchange(publication.held, Held::lost) == Held::yes) {
        events_.emplace_back(Lost{publication.id});
    }
}

void Publisher::advance(Now now) {
    while (!refreshes_.empty() && refreshes_.begin()->first <= now.time) {
        begin(publications_.at(refreshes_.begin()->second), Why::due, now);
    }
}

std::optional<Time> Publisher::deadline() const {
    return refreshes_.empty() ? std::nullopt : std::optional{refreshes_.begin()->first};
}

}  // namespace dht
