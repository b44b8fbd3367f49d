// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/searches.h"

namespace dht {

namespace {

bool wants_values(Search::For what) {
    return what == Search::For::values;
}

/// Finding one's place and keeping the table fresh must not wait for what waits for them.
bool is_urgent(Search::For what) {
    return what == Search::For::joining || what == Search::For::refresh;
}

}  // namespace

void Searches::start(std::uint64_t id, Search::For what, std::uint64_t owner, const NodeId& target, Now now) {
    const Waiting waiting{id, what, owner, target};
    if (is_urgent(what) || (!held_ && running_.size() < running_max)) {
        run(waiting, now);
    } else {
        waiting_.push_back(waiting);
    }
}

void Searches::hold(bool held, Now now) {
    held_ = held;
    start_waiting(now);
}

void Searches::start_waiting(Now now) {
    while (!held_ && !waiting_.empty() && running_.size() < running_max) {
        const auto next = waiting_.front();
        waiting_.pop_front();
        run(next, now);
    }
}

void Searches::run(const Waiting& waiting, Now now) {
    auto& search = running_
                       .emplace(waiting.id,
                                Search{
                                    .id = waiting.id,
                                    .what = waiting.what,
                                    .owner = waiting.owner,
                                    .lookup = Lookup{self_, waiting.target, limits_},
                                })
                       .first->second;
    table_.closest(waiting.target, limits_.k, seeds_);
    search.lookup.seed(seeds_);
    table_.looked_up(waiting.target, now.time);
    step(search, now);
}

void Searches::step(Search& search, Now now) {
    const Query query{.method = wants_values(search.what) ? Method::find_value : Method::find_node,
                      .target = search.lookup.target()};
    while (const auto contact = search.lookup.next()) {
        const Purpose purpose{.task = Purpose::Task::search, .owner = search.id};
        if (!rpc_.ask(*contact, query, purpose, now.time)) search.lookup.failed(*contact);
    }
    if (!search.lookup.finished() || !search.cursors.empty()) return;
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
    if (response.records) gather(*search, *response.records, now);
    turn_page(*search, question, response, now);
    step(*search, now);
}

void Searches::turn_page(Search& search, const Rpc::Pending& question, const Response& response, Now now) {
    const auto& endpoint = question.to.endpoint;
    const auto asked = search.cursors.find(endpoint);
    // A cursor that does not move forward would keep us here for ever.
    const bool forward = asked == search.cursors.end() || response.cursor > std::string_view{asked->second};
    if (asked != search.cursors.end()) search.cursors.erase(asked);
    if (!wants_values(search.what) || response.cursor.empty() || !forward) return;
    if (search.records.size() >= records_max) return;
    const Query query{
        .method = Method::find_value, .target = search.lookup.target(), .cursor = response.cursor};
    const Purpose purpose{.task = Purpose::Task::page, .owner = search.id};
    if (rpc_.ask(Contact{response.id, endpoint}, query, purpose, now.time)) {
        search.cursors.emplace(endpoint, response.cursor);
    }
}

void Searches::gather(Search& search, const bencode::Value& records, Now now) {
    auto elements = records.elements();
    while (const auto element = elements.next()) {
        auto record = decode_record(view(element->encoded()));
        if (!record || search.records.size() >= records_max) continue;
        if (record->expires <= now.date || record->expires > now.date + lifetime_max_) continue;
        if (key_of(federation_, record->kind, record->name) != search.lookup.target()) continue;
        const auto known = search.records.find(record->publisher);
        if (known != search.records.end() && known->second.seq >= record->seq) continue;
        if (verify(*record, federation_))
            search.records.insert_or_assign(record->publisher, *std::move(record));
    }
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

std::optional<Search> Searches::take_finished() {
    if (finished_.empty()) return std::nullopt;
    auto out = std::move(finished_.front());
    finished_.pop_front();
    return out;
}

}  // namespace dht
