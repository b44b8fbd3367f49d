// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/searches.h"

#include <algorithm>
#include <utility>

namespace dht {

namespace {

/// Every page of them.
bool wants_values(Search::For what) {
    return what == Search::For::values;
}

/// A publisher looks at what is there too: it may have said something newer in an earlier life.
bool sees_values(Search::For what) {
    return wants_values(what) || what == Search::For::publication || what == Search::For::renewal;
}

/// Somebody waits for whom to send what is to be stored.
bool is_for_storing(Search::For what) {
    return what == Search::For::publication || what == Search::For::renewal || what == Search::For::put;
}

bool wants_item(Search::For what) {
    return what == Search::For::item || what == Search::For::put;
}

bool is_find(const Record& record, const Wanted& wanted) {
    return !record.withdrawn() && (!wanted.publisher || record.publisher_id() == *wanted.publisher);
}

/// There is only one immutable item under a target, whoever has it. Of records the first find may be
/// enough, with what else its holder has on further pages: whose claim to a name counts is told by all
/// of them.
bool has_enough(const Search& search) {
    if (search.what == Search::For::item) return search.item && !search.item->is_mutable();
    if (search.what != Search::For::values || !search.wanted.first || !search.cursors.empty()) return false;
    return std::any_of(search.records.begin(), search.records.end(),
                       [&](const auto& each) { return is_find(each.second, search.wanted); });
}

/// As it came; nothing unless it is within the limits.
std::optional<Item> read_item(const ItemFields& fields, const Bytes& salt) {
    Item out{.value = Bytes{fields.value}};
    if (!fields.key.empty()) {
        PublicKey key{};
        if (fields.key.size() != key.size() || fields.signature.size() != out.signature.size() || !fields.seq)
            return std::nullopt;
        std::copy(fields.key.begin(), fields.key.end(), key.begin());
        std::copy(fields.signature.begin(), fields.signature.end(), out.signature.begin());
        out.key = key;
        out.salt = salt;
        out.seq = *fields.seq;
    }
    return well_formed(out) ? std::optional{std::move(out)} : std::nullopt;
}

/// Finding one's place and keeping the table fresh must not wait for what waits for them.
bool is_urgent(Search::For what) {
    return what == Search::For::joining || what == Search::For::refresh;
}

}  // namespace

void Searches::start(std::uint64_t id, Search::For what, std::uint64_t owner, const NodeId& target, Now now,
                     Wanted wanted) {
    Waiting waiting{id, what, owner, target, std::move(wanted)};
    if (is_urgent(what) || (line(what).empty() && may_run(what))) {
        run(std::move(waiting), now);
    } else {
        line(what).push_back(std::move(waiting));
    }
}

/// One that cannot ask all whom it should would find less than there is. Where nothing runs, nobody would
/// come to start it later.
bool Searches::may_run(Search::For what) const {
    if (held_) return false;
    if (running_.empty()) return true;
    const auto most = what == Search::For::renewal ? running_max_to_renew : running_max;
    return running_.size() < most && rpc_.room() >= 2 * limits_.path.k;  // for what it finds, too
}

Queue<Searches::Waiting>& Searches::line(Search::For what) {
    return what == Search::For::renewal ? waiting_to_renew_ : waiting_;
}

std::optional<Search> Searches::give_up(std::uint64_t id, Now now) {
    const auto found = running_.find(id);
    if (found == running_.end() || !wants_values(found->second.what)) return std::nullopt;
    if (found->second.lookup.closest().empty()) return std::nullopt;
    auto search = running_.extract(found);
    start_waiting(now);
    return std::move(search.mapped());
}

void Searches::hold(bool held, Now now) {
    held_ = held;
    start_waiting(now);
}

/// One that knows nobody ends at once, and comes here again: thousands of them must not nest.
void Searches::start_waiting(Now now) {
    if (std::exchange(starting_, true)) return;
    for (auto* line : {&waiting_, &waiting_to_renew_}) {
        while (!line->empty() && may_run(line->front().what)) {
            auto next = std::move(line->front());
            line->pop_front();
            run(std::move(next), now);
        }
    }
    starting_ = false;
}

/// Of those that are known the nearest, of each family where there are two.
std::vector<Contact> Searches::seeds(const NodeId& target) const {
    std::vector<Contact> out;
    if (!rpc_.hears_both_families()) {
        table_.closest(target, limits_.path.k, out);
        return out;
    }
    for (const Families families : {Families{true, false}, Families{false, true}}) {
        for (const auto& near : table_.closest(target, limits_.path.k, families))
            out.push_back(*near.contact);
    }
    return out;
}

void Searches::run(Waiting waiting, Now now) {
    auto limits = limits_;
    limits.families_apart = rpc_.hears_both_families();
    auto& search = running_
                       .emplace(waiting.id,
                                Search{
                                    .id = waiting.id,
                                    .what = waiting.what,
                                    .owner = waiting.owner,
                                    .lookup = Paths{self_, waiting.target, limits},
                                    .wanted = std::move(waiting.wanted),
                                })
                       .first->second;
    search.lookup.seed(seeds(waiting.target));
    if (wants_values(search.what)) {
        for (Record& own : store_.find(waiting.target, now.date)) {
            if (!members_.admit_publisher(own, now.date)) continue;  // no more
            const PublicKey publisher = own.publisher;
            search.records.emplace(publisher, std::move(own));
        }
    }
    table_.looked_up(waiting.target, now.time);
    step(search, now);
}

Query Searches::query_of(const Search& search) {
    Query out{.method = Method::find_node, .target = search.lookup.target()};
    if (sees_values(search.what)) out.method = Method::find_value;
    if (wants_item(search.what)) {
        out.method = Method::get;
        out.item.seq = search.wanted.seq;
    }
    return out;
}

void Searches::ask(Search& search, Now now) {
    const Query query = query_of(search);
    while (const auto contact = search.lookup.next()) {
        const Purpose purpose{.task = Purpose::Task::search, .owner = search.id};
        if (!rpc_.ask(*contact, query, purpose, now.time)) search.lookup.failed(*contact);
    }
}

/// Who has fallen silent lately, as we know ourselves, is missing without anybody's lie.
bool Searches::seems_led_astray(const Search& search) const {
    const NodeId& target = search.lookup.target();
    auto seen = search.lookup.closest();
    for (const Contact& contact : search.lookup.silent()) {
        if (table_.holds(contact)) seen.push_back(contact);
    }
    std::sort(seen.begin(), seen.end(),
              [&](const Contact& a, const Contact& b) { return closer(target, a.id, b.id); });
    std::vector<Contact> neighbours;
    table_.closest(self_, limits_.path.k, neighbours);
    return density_.too_sparse(target, seen, neighbours);
}

/// If those whom it ended with seem to hide others, it begins anew with contacts that were not asked.
bool Searches::goes_another_way(Search& search) {
    const NodeId& target = search.lookup.target();
    // What only fills the table need not be sure.
    if (!is_urgent(search.what) && seems_led_astray(search)) {
        std::vector<Contact> contacts;
        table_.closest(target, search.lookup.asked() + limits_.path.k, contacts);
        if (search.lookup.open(contacts)) return true;
    }
    density_.found(target, search.lookup.closest());
    return false;
}

void Searches::step(Search& search, Now now) {
    if (!has_enough(search)) ask(search, now);
    if (!has_enough(search)) {
        while (search.lookup.finished() && goes_another_way(search)) ask(search, now);
        if (!search.lookup.finished() || !search.cursors.empty()) return;
    }
    auto done = running_.extract(search.id);
    finished_.push_back(std::move(done.mapped()));
    start_waiting(now);
}

Search* Searches::find(const Rpc::Pending& question) {
    const auto found = running_.find(question.purpose.owner);
    return found == running_.end() ? nullptr : &found->second;
}

void Searches::answered(const Rpc::Pending& question, const Response& response,
                        const std::vector<Contact>& closer, Now now) {
    Search* search = find(question);
    if (search == nullptr) return;
    const Contact from{response.id, question.to.endpoint};
    if (question.purpose.task == Purpose::Task::search) search->lookup.answered(from, closer);
    if (!response.token.empty()) search->tokens.insert_or_assign(from, Bytes{response.token});
    if (response.records && sees_values(search->what)) gather(*search, *response.records, now);
    if (wants_item(search->what)) gather_item(*search, from, response.item);
    turn_page(*search, question, response, now);
    if (is_for_storing(search->what)) progressed_.push_back(search->id);
    step(*search, now);
}

void Searches::turn_page(Search& search, const Rpc::Pending& question, const Response& response, Now now) {
    const auto& endpoint = question.to.endpoint;
    const auto asked = search.cursors.find(endpoint);
    // A cursor that does not move forward would keep us here for ever.
    const bool first = asked == search.cursors.end();
    const bool forward = first || response.cursor > std::string_view{asked->second.cursor};
    const std::size_t number = first ? 1 : asked->second.number + 1;
    if (!first) search.cursors.erase(asked);
    const bool turns = wants_values(search.what) || wants_item(search.what);
    if (!turns || response.cursor.empty() || !forward) return;
    if (search.records.size() >= records_max || number >= pages_max) return;
    Query query = query_of(search);
    query.cursor = response.cursor;
    const Purpose purpose{.task = Purpose::Task::page, .owner = search.id};
    if (rpc_.ask(Contact{response.id, endpoint}, query, purpose, now.time)) {
        search.cursors.emplace(endpoint, Search::Page{Bytes{response.cursor}, number});
    }
}

void Searches::gather(Search& search, const bencode::Value& records, Now now) {
    auto elements = records.elements();
    while (const auto element = elements.next()) {
        auto record = decode_record(view(element->encoded()));
        if (!record || search.records.size() >= records_max) continue;
        if (record->expires <= now.date || record->expires > now.date + lifetime_max_) continue;
        if (key_of(members_.federation(), record->kind, record->name) != search.lookup.target()) continue;
        const auto known = search.records.find(record->publisher);
        if (known != search.records.end() && known->second.seq >= record->seq) continue;
        if (!members_.admit_publisher(*record, now.date) || !verify(*record, members_.federation())) continue;
        const PublicKey publisher = record->publisher;
        search.records.insert_or_assign(publisher, *std::move(record));
    }
}

void Searches::gather_item(Search& search, const Contact& from, const ItemFields& fields) {
    if (fields.seq) search.seqs.insert_or_assign(from, *fields.seq);
    if (fields.value.empty()) return;
    auto item = read_item(fields, search.wanted.salt);
    if (!item || target_of(*item) != search.lookup.target()) return;
    if (search.item && search.item->seq >= item->seq) return;
    if (verify(*item)) search.item = *std::move(item);
}

void Searches::slow(const Rpc::Pending& question, Now now) {
    Search* search = find(question);
    if (search == nullptr || !question.to.id) return;
    search->lookup.slow({*question.to.id, question.to.endpoint});
    step(*search, now);
}

void Searches::late(const Rpc::Pending& question, Now now) {
    Search* search = find(question);
    if (search == nullptr) return;
    search->cursors.erase(question.to.endpoint);
    if (question.to.id) search->lookup.late({*question.to.id, question.to.endpoint});
    step(*search, now);
}

void Searches::failed(const Rpc::Pending& question, Now now) {
    Search* search = find(question);
    if (search == nullptr) return;
    search->cursors.erase(question.to.endpoint);
    if (question.to.id) search->lookup.failed({*question.to.id, question.to.endpoint});
    step(*search, now);
}

const Search* Searches::take_progressed() {
    while (!progressed_.empty()) {
        const auto found = running_.find(progressed_.back());
        progressed_.pop_back();
        if (found != running_.end()) return &found->second;
    }
    return nullptr;
}

std::optional<Search> Searches::take_finished() {
    if (finished_.empty()) return std::nullopt;
    auto out = std::move(finished_.front());
    finished_.pop_front();
    return out;
}

}  // namespace dht
