// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/record.h"

#include <algorithm>

#include "dht/bencode.h"
#include "dht/certificate.h"
#include "dht/utf8.h"

namespace dht {

namespace {

/// What the signature covers. The context keeps it from being taken for any other signature of the
/// same key.
Bytes signed_part(const Record& record, std::string_view federation) {
    Bytes out;
    bencode::Writer writer{out};
    writer.list()
        .string("viaduct record 1")
        .string(federation)
        .string(record.kind)
        .string(record.name)
        .string(text(record.publisher))
        .integer(static_cast<std::int64_t>(record.seq))
        .integer(record.expires.time_since_epoch().count())
        .string(record.value);
    if (!record.certificate.empty()) writer.string(record.certificate);
    writer.end();
    return out;
}

bool is_kind(std::string_view kind) {
    return !kind.empty() && kind.size() <= Record::kind_bytes_max &&
           std::all_of(kind.begin(), kind.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= Record::name_bytes_max && is_utf8(name);
}

bool is_value(std::string_view value) {
    if (value.empty()) return true;
    if (value.size() > Record::value_bytes_max) return false;
    const auto parsed = bencode::parse(value);
    return parsed && parsed->is_dictionary();
}

template <std::size_t N>
bool copy_exactly(const std::optional<std::string_view>& from, std::array<std::uint8_t, N>& to) {
    if (!from || from->size() != N) return false;
    std::copy(from->begin(), from->end(), to.begin());
    return true;
}

}  // namespace

Key key_of(std::string_view federation, std::string_view kind, std::string_view name) {
    // A bencoded list, so that no two triples give the same octets.
    Bytes out;
    bencode::Writer{out}.list().string(federation).string(kind).string(name).end();
    return sha1(out);
}

bool well_formed(const Record& record) {
    const auto expires = record.expires.time_since_epoch().count();
    return is_kind(record.kind) && is_name(record.name) && is_value(record.value) &&
           record.certificate.size() <= Certificate::bytes_max && record.seq <= INT64_MAX && expires >= 0 &&
           expires <= date_max;
}

void sign(Record& record, std::string_view federation, const Identity& identity) {
    record.publisher = identity.public_key();
    record.signature = identity.sign(signed_part(record, federation));
}

bool verify(const Record& record, std::string_view federation) {
    return verify(record.publisher, signed_part(record, federation), record.signature);
}

Bytes encode(const Record& record) {
    Bytes out;
    bencode::Writer writer{out};
    writer.dictionary();
    if (!record.certificate.empty()) writer.entry("c", record.certificate);
    writer.entry("e", record.expires.time_since_epoch().count())
        .entry("k", record.kind)
        .entry("n", record.name)
        .entry("p", text(record.publisher))
        .entry("q", static_cast<std::int64_t>(record.seq))
        .entry("s", text(record.signature))
        .entry("v", record.value)
        .end();
    return out;
}

std::optional<Record> decode_record(BytesView bytes) {
    const auto parsed = bencode::parse(text(bytes));
    if (!parsed || !parsed->is_dictionary()) return std::nullopt;
    const auto expires = parsed->integer("e");
    const auto kind = parsed->string("k");
    const auto name = parsed->string("n");
    const auto seq = parsed->integer("q");
    const auto value = parsed->string("v");
    if (!expires || !kind || !name || !seq || *seq < 0 || !value) return std::nullopt;

    Record record;
    record.kind = *kind;
    record.name = *name;
    record.seq = static_cast<std::uint64_t>(*seq);
    record.expires = Date{std::chrono::seconds{*expires}};
    record.value = *value;
    record.certificate = parsed->string("c").value_or(std::string_view{});
    if (!copy_exactly(parsed->string("p"), record.publisher)) return std::nullopt;
    if (!copy_exactly(parsed->string("s"), record.signature)) return std::nullopt;
    // Unsigned extra keys would make many encodings of one record.
    if (!well_formed(record) || encode(record) != text(bytes)) return std::nullopt;
    return record;
}

}  // namespace dht
