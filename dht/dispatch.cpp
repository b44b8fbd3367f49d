// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/dispatch.h"

#include "dht/compact.h"

namespace dht {

using Task = Purpose::Task;

/// Whom we know to be silent or of another federation, we need not be told of.
std::vector<Contact> Dispatch::referrals(const Response& response, Now now) const {
    std::vector<Contact> out;
    read_compact_v4(response.nodes, referrals_max, out);
    read_compact_v6(response.nodes6, referrals_max, out);
    std::erase_if(out, [&](const Contact& contact) {
        return table_.suspects(contact) || peers_.is_foreign(contact.endpoint, now.time);
    });
    return out;
}

void Dispatch::answered(const Rpc::Pending& question, const Response& response, Now now) {
    switch (question.purpose.task) {
        case Task::search:
        case Task::page:
            searches_.answered(question, response, referrals(response, now), now);
            break;
        case Task::store:
            publisher_.stored(question, now);
            break;
        case Task::fetch:
            replicator_.answered(question, response, now);
            break;
        case Task::put:
            item_puts_.stored(question);
            break;
        case Task::probe:
        case Task::feel:
        case Task::copy:
            break;
    }
}

void Dispatch::slow(const Rpc::Pending& question, Now now) {
    if (question.purpose.task == Task::search) searches_.slow(question, now);
}

void Dispatch::late(const Rpc::Pending& question, Now now) {
    switch (question.purpose.task) {
        case Task::search:
        case Task::page:
            searches_.late(question, now);
            break;
        case Task::store:
            publisher_.late(question, now);
            break;
        case Task::fetch:
            replicator_.dropped(question, now);
            break;
        case Task::put:
            item_puts_.late(question, now);
            break;
        case Task::probe:
        case Task::feel:
        case Task::copy:
            break;
    }
}

void Dispatch::failed(const Rpc::Pending& question, std::int64_t code, Now now) {
    switch (question.purpose.task) {
        case Task::search:
        case Task::page:
            searches_.failed(question, now);
            break;
        case Task::store:
            publisher_.refused(question, now);
            break;
        case Task::fetch:
            replicator_.dropped(question, now);
            break;
        case Task::put:
            item_puts_.refused(question, code);
            break;
        case Task::probe:
        case Task::feel:
        case Task::copy:
            break;
    }
}

}  // namespace dht
