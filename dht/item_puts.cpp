// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/item_puts.h"

#include <algorithm>

namespace dht {

LookupId ItemPuts::put(Item item, std::optional<std::int64_t> cas, Now now) {
    const auto id = next_id_++;
    const auto most = item.is_mutable() ? mutable_value_bytes_max : Item::value_bytes_max;
    if (item.value.size() > most) {
        fail(id, ErrorCode::too_large);
    } else if (item.salt.size() > Item::salt_bytes_max) {
        fail(id, ErrorCode::salt_too_large);
    } else if (!well_formed(item)) {
        fail(id, ErrorCode::protocol);
    } else if (!verify(item)) {
        fail(id, ErrorCode::bad_signature);
    } else {
        const Key target = target_of(item);
        // Only what speaks against the put need be sent to us.
        Wanted wanted{.salt = item.salt};
        if (item.is_mutable()) wanted.seq = std::min(cas.value_or(item.seq), item.seq);
        puts_.emplace(id, Put{std::move(item), cas, {}, {}, 0, {.put = id}});
        searches_.start(id, Search::For::put, id, target, now, wanted);
    }
    return id;
}

void ItemPuts::fail(LookupId id, ErrorCode code) {
    events_.emplace_back(ItemStored{.put = id, .error = static_cast<std::int64_t>(code)});
}

/// What the others would answer, as far as somebody has shown a newer item with its signature: then
/// it need not be sent to half of them in vain. And what we hold ourselves. 0: nothing is against it.
std::int64_t ItemPuts::refused_beforehand(const Put& put, const Search& search, Now now) {
    if (search.item && search.item->value != put.item.value) {
        const auto seq = search.item->seq;
        if (put.cas && seq != *put.cas) return static_cast<std::int64_t>(ErrorCode::cas_mismatch);
        if (seq >= put.item.seq && put.item.key) return static_cast<std::int64_t>(ErrorCode::stale_seq);
    }
    using Verdict = ItemStore::Verdict;
    switch (store_.put(put.item, put.cas, std::nullopt, now.time)) {
        case Verdict::cas_mismatch:
            return static_cast<std::int64_t>(ErrorCode::cas_mismatch);
        case Verdict::stale:
            return static_cast<std::int64_t>(ErrorCode::stale_seq);
        default:
            return 0;
    }
}

void ItemPuts::searched(const Search& search, Now now) {
    const auto found = puts_.find(search.owner);
    if (found == puts_.end()) return;
    Put& put = found->second;
    put.outcome.error = refused_beforehand(put, search, now);
    if (put.outcome.error == 0) {
        put.seqs = search.seqs;
        for (const Contact& contact : search.lookup.closest()) {
            const auto token = search.tokens.find(contact);
            if (token == search.tokens.end()) continue;
            put.holders.insert_or_assign(contact, Holder{token->second});
            if (send(found->first, put, contact, 1, now)) ++put.waited_for;
        }
    }
    finish_if_done(found->first);
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
    if (found->second.waited_for > 0) return;
    events_.emplace_back(found->second.outcome);
    puts_.erase(found);
}

}  // namespace dht
