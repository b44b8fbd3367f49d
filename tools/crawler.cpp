// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/crawler.h"

#include <algorithm>
#include <utility>

#include "federation/name.h"

namespace tools {

namespace {

/// A target in the bucket of those that share `bucket` bits with this node.
dht::NodeId in_bucket(dht::NodeId id, int bucket) {
    const auto bit = static_cast<unsigned>(bucket);
    id.octets.at(bit / 8) ^= static_cast<std::uint8_t>(0x80U >> (bit % 8));
    return id;
}

}  // namespace

Crawler::Crawler(std::string federation, Limits limits) : limits_(limits) {
    crawl_.federation = std::move(federation);
}

void Crawler::begin(const std::vector<dht::Endpoint>& endpoints) {
    for (const auto& endpoint : endpoints) add({endpoint, std::nullopt});
}

void Crawler::want(const std::string& kind, const std::string& name) {
    crawl_.records.push_back({kind, name, dht::key_of(crawl_.federation, kind, name)});
}

void Crawler::add(const dht::Rpc::Peer& peer) {
    if (seen_.contains(peer.endpoint)) return;
    if (seen_.size() >= limits_.addresses_max) return cut_short();
    seen_.insert(peer.endpoint);
    waiting_.push_back({.whom = peer});
}

void Crawler::step(dht::Prober& prober, dht::Now now) {
    if (waiting_.empty() && asked_.empty() && !std::exchange(looked_for_records_, true)) look_for_records();
    while (!waiting_.empty() && asked_.size() < limits_.at_once) {
        Task task = std::move(waiting_.front());
        waiting_.pop_front();
        std::uint64_t question = 0;
        if (task.key) {
            question = prober.find_value({*task.whom.id, task.whom.endpoint}, *task.key, now);
        } else {
            const auto id = task.whom.id.value_or(dht::NodeId{});
            question = prober.find_node(task.whom, task.bucket < 0 ? id : in_bucket(id, task.bucket), now);
        }
        asked_.emplace(question, std::move(task));
    }
}

void Crawler::handle(const dht::Prober::Answer& answer) {
    auto asked = asked_.extract(answer.question);
    if (asked.empty()) return;
    if (asked.mapped().key) {
        told(asked.mapped(), answer);
    } else {
        visited(std::move(asked.mapped()), answer);
    }
}

void Crawler::visited(Task task, const dht::Prober::Answer& answer) {
    if (answer.outcome != dht::Prober::Outcome::answered) {
        if (!crawl_.nodes.contains(answer.from)) crawl_.others.emplace(answer.from, answer.outcome);
        return;
    }
    auto& node =
        crawl_.nodes.try_emplace(answer.from, Crawl::Node{{answer.id, answer.from}, answer.round_trip})
            .first->second;
    node.round_trip = std::min(node.round_trip, answer.round_trip);
    bool news = false;
    for (const auto& contact : answer.contacts) {
        news = node.knows.insert(contact).second || news;
        add({contact.endpoint, contact.id});
    }
    task.dry = news ? 0 : task.dry + 1;
    task.whom.id = answer.id;  // it may be another one than was said
    if (++task.bucket < buckets_max && task.dry < dry_max) waiting_.push_back(std::move(task));
}

void Crawler::told(const Task& task, const dht::Prober::Answer& answer) {
    for (const auto& record : answer.records) {
        if (!task.subject) {
            auto& wanted = crawl_.records[task.record];
            wanted.holders.insert(answer.id);
            wanted.publishers.insert(record.publisher_id());
            continue;
        }
        auto& node = crawl_.nodes.at(*task.subject);
        // Anybody may publish under this name, but only the node itself is believed.
        if (record.publisher_id() == node.contact.id)
            node.descriptor = federation::decode_node(dht::view(record.value));
    }
}

void Crawler::look_for_records() {
    for (const auto& [endpoint, node] : crawl_.nodes) {
        const auto key = dht::key_of(crawl_.federation, federation::node_kind, node.contact.id.hex());
        for (const auto& holder : closest(key, descriptor_holders))
            waiting_.push_back({.whom = {holder.endpoint, holder.id}, .key = key, .subject = endpoint});
    }
    for (std::size_t i = 0; i < crawl_.records.size(); ++i) {
        for (const auto& holder : closest(crawl_.records[i].key, record_holders))
            waiting_.push_back(
                {.whom = {holder.endpoint, holder.id}, .key = crawl_.records[i].key, .record = i});
    }
}

std::vector<dht::Contact> Crawler::closest(const dht::Key& key, std::size_t most) const {
    std::vector<dht::Contact> out;
    out.reserve(crawl_.nodes.size());
    for (const auto& [endpoint, node] : crawl_.nodes) out.push_back(node.contact);
    const auto count = std::min(most, out.size());
    std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count), out.end(),
                      [&](const auto& a, const auto& b) { return dht::closer(key, a.id, b.id); });
    out.resize(count);
    return out;
}

}  // namespace tools
