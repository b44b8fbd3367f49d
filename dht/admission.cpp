// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/admission.h"

#include <algorithm>

#include "dht/proof.h"

namespace dht {

namespace {

Role needed_for(Method method) {
    return method == Method::store || method == Method::put ? Role::server : Role::reader;
}

}  // namespace

bool Admission::admits(const Query& query, const Endpoint& from, Now now) {
    if (!members_.closed() || query.method == Method::ping) return true;
    if (query.credential) examine(query, *query.credential, from, now);
    return knows(query, from, needed_for(query.method), now);
}

bool Admission::knows(const Query& query, const Endpoint& from, Role least, Now now) const {
    return peers_.is_proved(from, query.id) && members_.knows(query.id, least, now.date);
}

void Admission::examine(const Query& query, const Credential& shown, const Endpoint& from, Now now) {
    if (!tokens_.valid(shown.challenge, from, query.id, now.time)) return;
    // Cheap checks first, and of the signatures the one that is remembered.
    if (!members_.admit(query.id, shown.certificate, Role::reader, now.date)) return;
    if (!proves(shown.proof, query.id, members_.federation(), shown.challenge, self_.node_id(),
                Situation::challenged))
        return;
    peers_.proved(from, query.id, now.time);
}

Bytes Admission::refuse(std::string_view transaction, const Query& query, const Endpoint& from,
                        std::size_t query_bytes, Now now) const {
    const auto room = std::min(datagram_bytes_max, amplification_max * query_bytes);
    Bytes out;
    if (query.credential || knows(query, from, Role::reader, now)) {
        out = encode_error(transaction, ErrorCode::not_a_member, "not a member, or not as a server");
    } else {
        const auto challenge = tokens_.mint(from, query.id, now.time);
        Reply reply{.id = self_.node_id(), .challenge = text(challenge)};
        if (!query.nonce.empty()) {
            reply.proof = prove(self_, members_.federation(), query.nonce, query.id);
            reply.certificate = members_.certificate();
        }
        out = encode(transaction, reply);
    }
    return out.size() <= room ? out : Bytes{};
}

bool Introduction::show(Rpc& rpc, const Rpc::Pending& question, const Response& challenged, Now now) const {
    if (question.repeated || members_.certificate().empty()) return false;
    const auto proof =
        prove(self_, members_.federation(), challenged.challenge, challenged.id, Situation::challenged);
    const Credential credential{proof, members_.certificate(), challenged.challenge};
    return rpc.repeat(question, credential, now.time);
}

}  // namespace dht
