// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench/queries.h"

#include <chrono>

#include "dht/bencode.h"
#include "dht/message.h"
#include "dht/record.h"

namespace bench {

namespace {

using dht::bencode::Writer;

constexpr std::string_view transaction = "aaaa";
constexpr std::size_t roomy_bytes = dht::datagram_bytes_max / dht::amplification_max;

void end(Writer& writer, std::string_view name) {
    writer.end().entry("q", name).entry("t", transaction).entry("y", "q").end();
}

/// A map's entry with a string as its key, in MessagePack's short forms.
void key(std::string& out, std::string_view name) {
    out += static_cast<char>(0xa0U | name.size());
    out += name;
}

void identifier(std::string& out, std::string_view name, const dht::NodeId& id) {
    key(out, name);
    out += "\xc4\x14";
    out += id.bytes();
}

std::string opendht_query(const dht::NodeId& self, std::string_view where, const dht::NodeId& target,
                          std::string_view name) {
    std::string out{"\x85"};
    key(out, "a");
    out += '\x82';
    identifier(out, "id", self);
    identifier(out, where, target);
    key(out, "q");
    key(out, name);
    key(out, "t");
    out += std::string_view{"\xce\x01\x02\x03\x04", 5};
    key(out, "y");
    key(out, "q");
    key(out, "v");
    key(out, "RNG1");
    return out;
}

}  // namespace

std::string item_value(std::size_t number) {
    std::string text{value_mark};
    text += std::to_string(number);
    text.resize(100, '.');
    std::string out;
    Writer{out}.string(text);
    return out;
}

std::string find_node(const dht::NodeId& self, const dht::NodeId& target, bool roomy) {
    std::string out;
    if (!roomy) {
        Writer writer{out};
        writer.dictionary().string("a").dictionary();
        writer.entry("id", self.bytes()).entry("target", target.bytes());
        end(writer, "find_node");
        return out;
    }
    dht::Query query{.method = dht::Method::find_node, .id = self, .target = target};
    query.padding = roomy_bytes - dht::encode(transaction, query).size();
    return dht::encode(transaction, query);
}

std::string find_value(const dht::NodeId& self, const dht::Key& target) {
    dht::Query query{.method = dht::Method::find_value, .id = self, .target = target};
    query.padding = roomy_bytes - dht::encode(transaction, query).size();
    return dht::encode(transaction, query);
}

std::string store(const dht::NodeId& self, std::string_view token, std::string_view record) {
    return dht::encode(
        transaction, dht::Query{.method = dht::Method::store, .id = self, .token = token, .record = record});
}

std::string get(const dht::NodeId& self, const dht::Key& target) {
    std::string out;
    Writer writer{out};
    // Long enough for the value and nodes beside it.
    writer.dictionary().string("a").dictionary();
    writer.entry("id", self.bytes()).entry("p", std::string(200, '\0')).entry("target", target.bytes());
    end(writer, "get");
    return out;
}

std::string put(const dht::NodeId& self, std::string_view token, const dht::Identity& owner, std::int64_t seq,
                std::string_view value) {
    const auto signed_part = "3:seqi" + std::to_string(seq) + "e1:v" + std::string{value};
    const auto signature = owner.sign(signed_part);
    std::string out;
    Writer writer{out};
    writer.dictionary().string("a").dictionary();
    writer.entry("id", self.bytes()).entry("k", dht::text(owner.public_key())).entry("seq", seq);
    writer.entry("sig", dht::text(signature)).entry("token", token).string("v").raw(value);
    end(writer, "put");
    return out;
}

std::string token_in(std::string_view reply) {
    const auto message = dht::bencode::parse(reply);
    const auto answer = message ? message->find("r") : std::nullopt;
    return std::string{answer ? answer->string("token").value_or("") : ""};
}

std::string user_record(const dht::Identity& publisher, std::size_t number, std::uint64_t seq) {
    using std::chrono::system_clock;
    dht::Record record;
    record.kind = "user";
    record.name = "user" + std::to_string(number);
    record.seq = seq;
    record.expires = std::chrono::floor<std::chrono::seconds>(system_clock::now()) + std::chrono::hours{1};
    Writer{record.value}.dictionary().entry("x", item_value(number)).end();
    dht::sign(record, "public", publisher);
    return dht::encode(record);
}

dht::Key user_key(std::size_t number) {
    return dht::key_of("public", "user", "user" + std::to_string(number));
}

std::string opendht_find(const dht::NodeId& self, const dht::NodeId& target) {
    return opendht_query(self, "target", target, "find");
}

std::string opendht_get(const dht::NodeId& self, const dht::NodeId& target) {
    return opendht_query(self, "h", target, "get");
}

}  // namespace bench
