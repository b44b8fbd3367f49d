// SPDX-License-Identifier: LGPL-2.1-or-later
/// What docs/dht.md points to for whoever writes a second implementation is what this one does.
#include "tests/dht/vectors.h"

#include <sstream>

#include "dht/certificate.h"
#include "dht/message.h"
#include "dht/proof.h"
#include "dht/record.h"
#include "dht/revocations.h"
#include "tests/dht/samples.h"

using namespace dht;
using vectors::Section;

namespace {

Identity identity_of(const Section& section) {
    return Identity{section.array<Identity::seed_size>("seed")};
}

std::optional<std::int64_t> optional_number(const Section& section, std::string_view entry) {
    return section.entries.contains(entry) ? std::optional{section.number(entry)} : std::nullopt;
}

NodeId node_id(const Section& section, std::string_view entry) {
    return NodeId::from_hex(section.text(entry)).value_or(NodeId{});
}

Method method_of(const Section& section) {
    const auto name = section.text("method");
    if (name == "find_node") return Method::find_node;
    if (name == "find_value") return Method::find_value;
    if (name == "store") return Method::store;
    if (name == "get") return Method::get;
    if (name == "put") return Method::put;
    ck_assert(name == "ping");
    return Method::ping;
}

/// The octets of a section, for the views of a message to point into.
struct Octets {
    explicit Octets(const Section& section)
        : nonce(section.hex("nonce")),
          cursor(section.hex("cursor")),
          token(section.octets("token")),
          record(section.octets("record")),
          records(section.octets("records")),
          nodes(section.octets("nodes")),
          nodes6(section.octets("nodes6")),
          value(section.octets("value")),
          key(section.hex("key")),
          salt(section.octets("salt")),
          signature(section.hex("signature")),
          certificate(section.octets("certificate")),
          challenge(section.octets("challenge")) {}

    [[nodiscard]] ItemFields item(const Section& section) const {
        return {.value = value,
                .key = key,
                .signature = signature,
                .salt = salt,
                .seq = optional_number(section, "seq"),
                .cas = optional_number(section, "cas")};
    }

    Bytes nonce, cursor, token, record, records, nodes, nodes6, value, key, salt, signature, certificate,
        challenge;
};

std::optional<Proof> proof_of(const Section& section) {
    if (!section.entries.contains("proof key")) return std::nullopt;
    return Proof{section.array<32>("proof key"), section.array<64>("proof signature")};
}

std::optional<Credential> credential_of(const Section& section, const Octets& octets) {
    const auto proof = proof_of(section);
    if (!proof) return std::nullopt;
    return Credential{*proof, octets.certificate, octets.challenge};
}

Query query_of(const Section& section, const Octets& octets) {
    return {.method = method_of(section),
            .id = node_id(section, "id"),
            .target = node_id(section, "target"),
            .nonce = octets.nonce,
            .cursor = octets.cursor,
            .token = octets.token,
            .record = octets.record,
            .item = octets.item(section),
            .credential = credential_of(section, octets),
            .padding = static_cast<std::size_t>(section.number("padding")),
            .want_v4 = section.number("n4") == 1,
            .want_v6 = section.number("n6") == 1,
            .read_only = section.number("read only") == 1};
}

Reply reply_of(const Section& section, const Octets& octets) {
    const auto date = section.entries.contains("date") ? std::optional{section.number("date")} : std::nullopt;
    return {.id = node_id(section, "id"),
            .date = date,
            .proof = proof_of(section),
            .certificate = octets.certificate,
            .challenge = octets.challenge,
            .with_nodes = section.entries.contains("nodes"),
            .nodes = octets.nodes,
            .nodes6 = octets.nodes6,
            .token = octets.token,
            .cursor = octets.cursor,
            .with_records = section.entries.contains("records"),
            .records = octets.records,
            .item = octets.item(section)};
}

/// What was decoded, ready to be encoded again. Padding is not read, nor need it be.
Query again(Query query, const Section& section) {
    query.padding = static_cast<std::size_t>(section.number("padding"));
    return query;
}

Reply again(const Response& response, const Section& section) {
    Reply out{.id = response.id,
              .date = response.date,
              .proof = response.proof,
              .certificate = response.certificate,
              .challenge = response.challenge,
              .with_nodes = section.entries.contains("nodes"),
              .nodes = response.nodes,
              .nodes6 = response.nodes6,
              .token = response.token,
              .cursor = response.cursor,
              .item = response.item};
    if (!section.entries.contains("records")) return out;
    ck_assert(response.records.has_value());
    const auto list = response.records->encoded();
    out.with_records = true;
    out.records = list.substr(1, list.size() - 2);
    out.item = {};
    return out;
}

}  // namespace

START_TEST(identities) {
    for (const auto& vector : vectors::read("identities.txt")) {
        const auto identity = identity_of(vector);
        ck_assert(text(identity.public_key()) == vector.hex("key"));
        ck_assert(identity.node_id().hex() == vector.text("node id"));
    }
}
END_TEST

START_TEST(proofs) {
    for (const auto& vector : vectors::read("proofs.txt")) {
        const auto prover = identity_of(vector);
        const auto nonce = vector.hex("nonce");
        const auto asker = node_id(vector, "asker");
        const auto situation =
            vector.text("situation") == "challenged" ? Situation::challenged : Situation::asked;
        const auto proof = prove(prover, vector.text("federation"), nonce, asker, situation);
        ck_assert(text(proof.signature) == vector.hex("signature"));
        ck_assert(verify(prover.public_key(), vector.octets("signed"), proof.signature));
    }
}
END_TEST

START_TEST(records) {
    for (const auto& vector : vectors::read("records.txt")) {
        const auto publisher = identity_of(vector);
        const auto federation = vector.text("federation");
        Record record;
        record.kind = vector.text("kind");
        record.name = vector.octets("name");
        record.seq = static_cast<std::uint64_t>(vector.number("seq"));
        record.expires = Date{std::chrono::seconds{vector.number("expires")}};
        record.value = vector.octets("value");
        record.certificate = vector.octets("certificate");
        sign(record, federation, publisher);
        ck_assert(text(record.signature) == vector.hex("signature"));
        ck_assert(verify(publisher.public_key(), vector.octets("signed"), record.signature));
        ck_assert(encode(record) == vector.octets("encoded"));
        ck_assert(decode_record(view(vector.octets("encoded"))) == record);
        ck_assert(sha1(vector.octets("hashed")).hex() == vector.text("key"));
        ck_assert(key_of(federation, record.kind, record.name).hex() == vector.text("key"));
    }
}
END_TEST

START_TEST(certificates) {
    for (const auto& vector : vectors::read("certificates.txt")) {
        const Identity authority{vector.array<Identity::seed_size>("authority")};
        Certificate certificate{.serial = static_cast<std::uint32_t>(vector.number("serial")),
                                .role = static_cast<Role>(vector.number("role")),
                                .expires = Date{std::chrono::seconds{vector.number("expires")}}};
        sign(certificate, vector.text("federation"), node_id(vector, "member"), authority);
        ck_assert(text(certificate.signature) == vector.hex("signature"));
        ck_assert(verify(authority.public_key(), vector.octets("signed"), certificate.signature));
        ck_assert(encode(certificate) == vector.octets("encoded"));
        ck_assert(decode_certificate(vector.octets("encoded")) == certificate);
    }
}
END_TEST

START_TEST(revocations) {
    for (const auto& vector : vectors::read("revocations.txt")) {
        const Identity authority{vector.array<Identity::seed_size>("authority")};
        Revocations list{vector.number("seq"), {}};
        std::istringstream serials{vector.text("serials")};
        for (std::uint32_t serial = 0; serials >> serial;) list.serials.push_back(serial);
        const auto item = sign(list, authority);
        ck_assert(target_of(item).hex() == vector.text("target"));
        ck_assert(item.value == vector.octets("value"));
        ck_assert(text(item.signature) == vector.hex("signature"));
        ck_assert(verify(authority.public_key(), vector.octets("signed"), item.signature));
        ck_assert(encode_list(item) == vector.octets("encoded"));
        ck_assert(read_revocations(*decode_list(vector.octets("encoded")), authority.public_key()) == list);
    }
}
END_TEST

START_TEST(queries) {
    int seen = 0;
    for (const auto& vector : vectors::read("messages.txt")) {
        if (vector.text("type") != "query") continue;
        ++seen;
        const auto datagram = vector.octets("datagram");
        const Octets octets{vector};
        ck_assert_msg(encode("aa", query_of(vector, octets)) == datagram, "%s", vector.name.c_str());
        const auto message = decode(datagram);
        const auto* query = message ? std::get_if<Query>(&message->body) : nullptr;
        ck_assert_msg(query != nullptr && query->extended, "%s", vector.name.c_str());
        ck_assert_msg(encode("aa", again(*query, vector)) == datagram, "%s", vector.name.c_str());
    }
    ck_assert_int_ge(seen, 13);
}
END_TEST

START_TEST(responses) {
    int seen = 0;
    for (const auto& vector : vectors::read("messages.txt")) {
        if (vector.text("type") != "response") continue;
        ++seen;
        const auto datagram = vector.octets("datagram");
        const Octets octets{vector};
        ck_assert_msg(encode("aa", reply_of(vector, octets)) == datagram, "%s", vector.name.c_str());
        const auto message = decode(datagram);
        const auto* response = message ? std::get_if<Response>(&message->body) : nullptr;
        ck_assert_msg(response != nullptr && response->extended, "%s", vector.name.c_str());
        ck_assert_msg(encode("aa", again(*response, vector)) == datagram, "%s", vector.name.c_str());
    }
    ck_assert_int_ge(seen, 12);
}
END_TEST

START_TEST(errors) {
    int seen = 0;
    for (const auto& vector : vectors::read("messages.txt")) {
        if (vector.text("type") != "error") continue;
        ++seen;
        const auto datagram = vector.octets("datagram");
        const auto code = static_cast<ErrorCode>(vector.number("code"));
        ck_assert(encode_error("aa", code, vector.text("reason")) == datagram);
        ck_assert_int_eq(std::get<Refusal>(decode(datagram)->body).code, vector.number("code"));
    }
    ck_assert_int_ge(seen, 1);
}
END_TEST

int main() {
    return run_suite("vectors",
                     {identities, proofs, records, certificates, revocations, queries, responses, errors});
}
