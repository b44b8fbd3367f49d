// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/item_puts.h"

#include <algorithm>

namespace dht {

namespace {

std::int64_t number(ErrorCode code) {
    return static_cast<std::int64_t>(code);
}

}  // namespace

/// What everybody would have against it; 0: nothing.
std::int64_t ItemPuts::fault_of(const Item& item) {
    const auto most = item.is_mutable() ? mutable_value_bytes_max : Item::value_bytes_max;
    if (item.value.size() > most) return number(ErrorCode::too_large);
    if (item.salt.size() > Item::salt_bytes_max) return number(ErrorCode::salt_too_large);
    if (!well_formed(item)) return number(ErrorCode::protocol);
    return verify(item) ? 0 : number(ErrorCode::bad_signature);
}

LookupId ItemPuts::put(Item item, std::optional<std::int64_t> cas, Now now) {
    const auto id = next_id_++;
    if (const auto fault = fault_of(item)) {
        events_.emplace_back(ItemStored{.put = id, .error = fault});
    } else {
        start(id, id, std::move(item), cas, now);
    }
    return id;
}

LookupId ItemPuts::keep(Item item, Now now) {
    const auto id = next_id_++;
    const Key target = target_of(item);
    auto fault = fault_of(item);
    if (fault == 0 && kept_.size() >= kept_max && !kept_.contains(target)) fault = number(ErrorCode::server);
    if (fault != 0) {
        events_.emplace_back(ItemStored{.put = id, .error = fault});
        return id;
    }
    drop(target);
    kept_.emplace(target, Kept{.id = id, .item = std::move(item)});
    put_again(target, now);
    return id;
}

void ItemPuts::drop(const Key& target) {
    const auto kept = kept_.find(target);
    if (kept == kept_.end()) return;
    again_.erase({kept->second.again_at, target});
    kept_.erase(kept);
}

void ItemPuts::renew_all(Now now) {
    std::vector<Key> targets;
    for (const auto& [at, target] : again_) targets.push_back(target);
    for (const Key& target : targets) put_again(target, now);
}

void ItemPuts::put_again(const Key& target, Now now) {
    Kept& kept = kept_.at(target);
    again_.erase({kept.again_at, target});
    kept.again_at = now.time + kept_anew_every;
    again_.insert({kept.again_at, target});
    if (puts_.contains(kept.search)) return;  // it has been in line since then
    kept.search = next_id_++;
    start(kept.search, kept.id, kept.item, std::nullopt, now);
}

void ItemPuts::start(std::uint64_t search, LookupId id, Item item, std::optional<std::int64_t> cas, Now now) {
    const Key target = target_of(item);
    // Only what speaks against the put need be sent to us.
    Wanted wanted{.salt = item.salt};
    if (item.is_mutable()) wanted.seq = std::min(cas.value_or(item.seq), item.seq);
    puts_.emplace(search, Put{.item = std::move(item), .cas = cas, .outcome = {.put = id}});
    searches_.start(search, Search::For::put, search, target, now, wanted);
}

/// What the others would answer, as far as somebody has shown a newer item with its signature: then
/// it need not be sent to all of them in vain. 0: nothing is against it.
std::int64_t ItemPuts::refused_by_newer(const Put& put, const Search& search) {
    if (!search.item || search.item->value == put.item.value) return 0;
    const auto seq = search.item->seq;
    if (put.cas && seq != *put.cas) return number(ErrorCode::cas_mismatch);
    const bool stale = put.item.is_mutable() && seq >= put.item.seq;
    return stale ? number(ErrorCode::stale_seq) : 0;
}

/// By what we hold ourselves; else we hold it from now on.
std::int64_t ItemPuts::refused_here(const Put& put, Now now) {
    using Verdict = ItemStore::Verdict;
    switch (store_.put(put.item, put.cas, std::nullopt, now.time)) {
        case Verdict::cas_mismatch:
            return number(ErrorCode::cas_mismatch);
        case Verdict::stale:
            return number(ErrorCode::stale_seq);
        default:
            return 0;
    }
}

void ItemPuts::progressed(const Search& search, Now now) {
    const auto found = puts_.find(search.owner);
    if (found == puts_.end() || found->second.cas || refused_by_newer(found->second, search) != 0) return;
    send_to(found->first, found->second, search.lookup.likely(), search, now);
}

void ItemPuts::searched(const Search& search, Now now) {
    const auto found = puts_.find(search.owner);
    if (found == puts_.end()) return;
    auto& [id, put] = *found;
    put.searching = false;
    put.outcome.error = refused_by_newer(put, search);
    if (search.item) put.outcome.found_seq = search.item->seq;
    if (put.outcome.error == 0) put.outcome.error = refused_here(put, now);
    if (put.outcome.error == 0) {
        send_to(id, put, search.lookup.closest(), search, now);
    } else if (!put.cas) {
        superseded(target_of(put.item), put.outcome.put);
    }
    finish_if_done(id);
}

void ItemPuts::superseded(const Key& target, LookupId id) {
    const auto kept = kept_.find(target);
    if (kept != kept_.end() && kept->second.id == id) drop(target);
}

void ItemPuts::send_to(std::uint64_t id, Put& put, const std::vector<Contact>& contacts, const Search& search,
                       Now now) {
    put.seqs = search.seqs;
    for (const Contact& contact : contacts) {
        const auto token = search.tokens.find(contact);
        if (token == search.tokens.end()) continue;
        if (!put.holders.try_emplace(contact, Holder{token->second}).second) continue;
        if (send(id, put, contact, 1, now)) ++put.waited_for;
    }
}

bool ItemPuts::send(std::uint64_t id, const Put& put, const Contact& to, std::uint8_t attempt, Now now) {
    const Item& item = put.item;
    Query query{.method = Method::put, .token = put.holders.at(to).token, .item = {.value = item.value}};
    if (item.key) {
        query.item.key = text(*item.key);
        query.item.signature = text(item.signature);
        query.item.salt = item.salt;
        query.item.seq = item.seq;
        if (put.seqs.contains(to)) query.item.cas = put.cas;  // BEP 44: not where nothing is held
    }
    return rpc_.ask(to, query, {.task = Purpose::Task::put, .owner = id, .attempt = attempt}, now.time);
}

ItemPuts::Put* ItemPuts::find(const Rpc::Pending& question) {
    const auto found = puts_.find(question.purpose.owner);
    return found == puts_.end() ? nullptr : &found->second;
}

/// Whether it was waited for until now.
bool ItemPuts::settle(Put& put, const Rpc::Pending& question) {
    const auto holder = put.holders.find({*question.to.id, question.to.endpoint});
    if (holder == put.holders.end() || holder->second.settled) return false;
    holder->second.settled = true;
    --put.waited_for;
    return true;
}

void ItemPuts::stored(const Rpc::Pending& question) {
    Put* put = find(question);
    if (put == nullptr || !settle(*put, question)) return;
    ++put->outcome.holders;
    finish_if_done(question.purpose.owner);
}

void ItemPuts::late(const Rpc::Pending& question, Now now) {
    Put* put = find(question);
    if (put == nullptr || !question.to.id) return;
    const Contact to{*question.to.id, question.to.endpoint};
    const auto attempt = question.purpose.attempt;
    const bool again = attempt < attempts_max && !put->holders.at(to).settled;
    if (again && send(question.purpose.owner, *put, to, attempt + 1, now)) return;
    if (settle(*put, question)) finish_if_done(question.purpose.owner);
}

void ItemPuts::refused(const Rpc::Pending& question, std::int64_t code) {
    Put* put = find(question);
    if (put == nullptr || !settle(*put, question)) return;
    if (code != 0) put->outcome.error = code;
    finish_if_done(question.purpose.owner);
}

void ItemPuts::finish_if_done(std::uint64_t id) {
    const auto found = puts_.find(id);
    Put& put = found->second;
    if (!put.searching && put.waited_for == 0) {
        events_.emplace_back(put.outcome);
        puts_.erase(found);
    } else if (put.outcome.holders >= quorum && !std::exchange(put.quorum_told, true)) {
        ItemStored enough = put.outcome;
        enough.complete = false;
        events_.emplace_back(enough);
    }
}

void ItemPuts::advance(Now now) {
    while (!again_.empty() && again_.begin()->first <= now.time) {
        const Key target = again_.begin()->second;  // the entry goes meanwhile
        put_again(target, now);
    }
}

std::optional<Time> ItemPuts::deadline() const {
    return again_.empty() ? std::nullopt : std::optional{again_.begin()->first};
}

}  // namespace dht
