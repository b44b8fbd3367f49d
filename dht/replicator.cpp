// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/replicator.h"

#include <algorithm>

namespace dht {

void Replicator::met(const Contact& contact, Now now) {
    for (const Key& key : store_.keys()) {
        if (waiting_.size() >= waiting_max) break;
        if (is_ours_to_give(key, contact)) waiting_.push_back({contact, key});
    }
    start_waiting(now);
}

bool Replicator::is_ours_to_give(const Key& key, const Contact& to) {
    std::vector<Contact> closest;
    table_.closest(key, k_, closest, Families::of(to.endpoint));
    if (std::find(closest.begin(), closest.end(), to) == closest.end()) return false;
    if (store_.holds(key, identity_.public_key())) return true;
    const bool closest_of_all = std::all_of(closest.begin(), closest.end(), [&](const Contact& other) {
        return other == to || closer(key, identity_.node_id(), other.id);
    });
    return closest_of_all || random_.below(one_of_others_in) == 0;
}

void Replicator::start_waiting(Now now) {
    while (!waiting_.empty() && running_.size() < running_max) {
        const Job job = waiting_.front();
        const Query query{.method = Method::find_value, .target = job.key};
        if (!rpc_.ask(job.to, query, {.task = Purpose::Task::fetch, .owner = next_job_}, now.time)) return;
        running_.emplace(next_job_++, job);
        waiting_.pop_front();
    }
}

void Replicator::answered(const Rpc::Pending& question, const Response& response, Now now) {
    const auto job = running_.find(question.purpose.owner);
    if (job == running_.end()) return;
    const auto has = [&](const Record& record) {
        if (!response.records) return false;
        auto elements = response.records->elements();
        while (const auto element = elements.next()) {
            const bool same = element->string("p") == text(record.publisher);
            if (same && element->integer("q") >= static_cast<std::int64_t>(record.seq)) return true;
        }
        return false;
    };
    for (const Record& record : store_.find(job->second.key, now.date)) {
        if (has(record)) continue;
        const Bytes encoded = encode(record);
        const Query query{.method = Method::store, .token = response.token, .record = encoded};
        rpc_.ask(job->second.to, query, {.task = Purpose::Task::copy}, now.time);
    }
    running_.erase(job);
    start_waiting(now);
}

void Replicator::dropped(const Rpc::Pending& question, Now now) {
    const auto job = running_.find(question.purpose.owner);
    if (job == running_.end()) return;
    // Whoever is silent once will be met again when it answers.
    const Contact silent = job->second.to;
    waiting_.erase_if([&](const Job& waiting) { return waiting.to == silent; });
    running_.erase(job);
    start_waiting(now);
}

}  // namespace dht
