// SPDX-License-Identifier: LGPL-2.1-or-later
/// Writes what the fuzzers begin with: one well-formed input of each kind. Its
/// output is in the tree; run it again when the formats change: write_seeds tests/fuzz/corpus
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "dht/bencode.h"
#include "dht/certificate.h"
#include "dht/compact.h"
#include "dht/item.h"
#include "dht/message.h"
#include "dht/record.h"
#include "dht/revocations.h"

namespace {

namespace fs = std::filesystem;

void write(const fs::path& file, std::string_view octets) {
    fs::create_directories(file.parent_path());
    std::ofstream{file, std::ios::binary} << octets;
}

std::string step(char what, std::string_view octets) {
    std::string out{what, static_cast<char>(octets.size() & 0xff), static_cast<char>(octets.size() >> 8)};
    return out.append(octets);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) return 1;
    const fs::path out{argv[1]};

    const dht::Identity identity{dht::Identity::Seed{3}};
    dht::Record record;
    record.kind = "user";
    record.name = "alice";
    record.seq = 1;
    record.expires = dht::Date{std::chrono::seconds{1'790'000'060}};
    record.value = dht::bencode::Dictionary{}.set("at", "here").set("n", 1).encode();
    sign(record, "public", identity);
    const auto encoded = encode(record);
    write(out / "record_fuzzer" / "alice", encoded);

    dht::Certificate certificate{.serial = 1, .expires = record.expires};
    sign(certificate, "acme@its-key", identity.node_id(), identity);
    write(out / "certificate_fuzzer" / "certificate", encode(certificate));
    write(out / "certificate_fuzzer" / "list", encode_list(sign(dht::Revocations{1, {1, 2}}, identity)));

    const auto key = dht::key_of("public", "user", "alice");
    const dht::Query ping{.method = dht::Method::ping, .id = identity.node_id()};
    const dht::Query find{
        .method = dht::Method::find_node, .id = identity.node_id(), .target = key, .want_v6 = true};
    const dht::Query value{.method = dht::Method::find_value,
                           .id = identity.node_id(),
                           .target = key,
                           .nonce = "0123456789abcdef"};
    const dht::Query store{
        .method = dht::Method::store, .id = identity.node_id(), .token = "12345678", .record = encoded};
    const dht::Query get{.method = dht::Method::get,
                         .id = identity.node_id(),
                         .target = dht::sha1("4:here"),
                         .item = {.seq = 1}};
    dht::Item item{.value = "4:here", .salt = "salt", .seq = 2};
    sign(item, identity);
    const dht::Query put{.method = dht::Method::put,
                         .id = identity.node_id(),
                         .token = "12345678",
                         .item = {.value = item.value,
                                  .key = dht::text(*item.key),
                                  .signature = dht::text(item.signature),
                                  .salt = item.salt,
                                  .seq = item.seq,
                                  .cas = 1}};
    std::string all;
    for (const auto& [name, query] : {std::pair{"ping", ping},
                                      {"find_node", find},
                                      {"find_value", value},
                                      {"store", store},
                                      {"get", get},
                                      {"put", put}}) {
        const auto datagram = encode("aa", query);
        write(out / "message_fuzzer" / name, datagram);
        all += step(6, datagram);
    }
    dht::Bytes nodes;
    dht::append_compact(nodes, {key, dht::Endpoint::v4({10, 0, 0, 3}, 7000)});
    const dht::Reply reply{.id = key,
                           .proof = dht::Proof{},
                           .with_nodes = true,
                           .nodes = nodes,
                           .token = "12345678",
                           .cursor = "c",
                           .with_records = true,
                           .records = encoded};
    write(out / "message_fuzzer" / "reply", encode("aa", reply));
    write(out / "message_fuzzer" / "error", dht::encode_error("aa", dht::ErrorCode::protocol, "no"));

    const auto bootstrap = step(2, "");
    const auto answer = step(5, nodes);
    write(out / "node_fuzzer" / "queries", all);
    write(out / "node_fuzzer" / "joins",
          bootstrap + answer + answer + step(4, "") + answer + answer + step(0, ""));
    write(out / "node_fuzzer" / "finds",
          bootstrap + answer + answer + step(3, "x") + step(5, encoded) + step(1, ""));
    write(out / "node_fuzzer" / "items", bootstrap + answer + answer + step(8, "4:here") + step(5, "4:here") +
                                             step(9, "4:here") + answer + answer + step(10, "4:here") +
                                             step(5, "4:here") + answer + step(1, ""));
    return 0;
}
