// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/record.h"

#include <string>

#include "dht/bencode.h"
#include "dht/message.h"
#include "dht/utf8.h"
#include "tests/dht/samples.h"

using namespace dht;
using namespace std::string_literals;

START_TEST(a_record_survives_its_encoding_and_its_signature_holds) {
    const auto record = samples::record(samples::identity(1), "alice", 5);
    const auto read = decode_record(view(encode(record)));
    ck_assert(read == record);
    ck_assert(verify(*read, "public"));
    ck_assert(!verify(*read, "other"));
    ck_assert(read->publisher_id() == samples::identity(1).node_id());
}
END_TEST

START_TEST(every_field_is_signed) {
    const auto record = samples::record(samples::identity(1), "alice", 5);
    const auto changed = [&](auto change) {
        auto copy = record;
        change(copy);
        return verify(copy, "public");
    };
    ck_assert(!changed([](Record& r) { r.kind = "room"; }));
    ck_assert(!changed([](Record& r) { r.name = "bob"; }));
    ck_assert(!changed([](Record& r) { ++r.seq; }));
    ck_assert(!changed([](Record& r) { r.expires += std::chrono::seconds{1}; }));
    ck_assert(!changed([](Record& r) { r.value.clear(); }));
    ck_assert(!changed([](Record& r) { r.publisher = samples::identity(2).public_key(); }));
}
END_TEST

START_TEST(no_two_names_share_a_key_by_construction) {
    ck_assert(key_of("a", "bc", "d") != key_of("ab", "c", "d"));
    ck_assert(key_of("a", "b", "cd") != key_of("a", "bc", "d"));
    ck_assert(key_of("public", "user", "alice") == key_of("public", "user", "alice"));
}
END_TEST

START_TEST(limits_hold_when_decoding) {
    const auto read = [](auto change) {
        auto record = samples::record(samples::identity(1), "alice", 5);
        change(record);
        return decode_record(view(encode(record))).has_value();
    };
    ck_assert(read([](Record& r) { r.name = std::string(Record::name_bytes_max, 'n'); }));
    ck_assert(!read([](Record& r) { r.name = std::string(Record::name_bytes_max + 1, 'n'); }));
    ck_assert(!read([](Record& r) { r.name.clear(); }));
    ck_assert(!read([](Record& r) { r.name = "\xff"; }));
    ck_assert(!read([](Record& r) { r.kind = "User"; }));
    ck_assert(!read([](Record& r) { r.kind = std::string(Record::kind_bytes_max + 1, 'k'); }));
    ck_assert(!read([](Record& r) { r.value = "4:text"; }));
    ck_assert(!read([](Record& r) { r.value = "d1:b0:1:a0:e"; }));
    ck_assert(!read([](Record& r) { r.value = samples::value(std::string(Record::value_bytes_max, 'x')); }));
    ck_assert(read([](Record& r) { r.value.clear(); }));
    ck_assert(!read([](Record& r) { r.expires = Date{std::chrono::seconds{-1}}; }));
    ck_assert(!read([](Record& r) { r.expires = Date{std::chrono::seconds{std::int64_t{1} << 41}}; }));
}
END_TEST

START_TEST(extra_keys_would_make_a_second_encoding_and_are_refused) {
    auto encoded = encode(samples::record(samples::identity(1), "alice", 5));
    encoded.insert(encoded.size() - 1, "1:z0:");
    ck_assert(bencode::parse(encoded).has_value());
    ck_assert(!decode_record(view(encoded)));
}
END_TEST

START_TEST(the_largest_record_fits_into_a_store_and_into_an_answer) {
    auto record = samples::record(samples::identity(1), std::string(Record::name_bytes_max, 'n'), INT64_MAX);
    record.kind = std::string(Record::kind_bytes_max, 'k');
    record.value = samples::value(std::string(Record::value_bytes_max - 10, 'x'));
    ck_assert_uint_eq(record.value.size(), Record::value_bytes_max);
    record.expires = Date{std::chrono::seconds{std::int64_t{1} << 40}};
    const auto encoded = encode(record);
    ck_assert(decode_record(view(encoded)).has_value());
    const Query query{
        .method = Method::store, .nonce = "0123456789abcdef", .token = "12345678", .record = encoded};
    ck_assert_uint_le(encode("abcd", query).size(), datagram_bytes_max);
    const Reply reply{.id = {},
                      .proof = Proof{},
                      .token = "12345678",
                      .cursor = "01234567890123456789012345678901",
                      .with_records = true,
                      .records = encoded};
    ck_assert_uint_le(encode("abcd", reply).size(), datagram_bytes_max);
}
END_TEST

START_TEST(names_are_well_formed_utf8) {
    for (const auto& text :
         {""s, "alice"s, "\xc3\xa9"s, "\xe2\x82\xac"s, "\xf0\x9f\x99\x82"s, "\xf4\x8f\xbf\xbf"s}) {
        ck_assert_msg(is_utf8(text), "%s", text.c_str());
    }
    for (const auto& text :
         {"\x80"s, "\xc0\x80"s, "\xc3"s, "\xe0\x80\x80"s, "\xed\xa0\x80"s, "\xf0\x80\x80\x80"s,
          "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xe2\x82"s, "a\xff"s}) {
        ck_assert(!is_utf8(text));
    }
}
END_TEST

int main() {
    return run_suite("record",
                     {a_record_survives_its_encoding_and_its_signature_holds, every_field_is_signed,
                      no_two_names_share_a_key_by_construction, limits_hold_when_decoding,
                      extra_keys_would_make_a_second_encoding_and_are_refused,
                      the_largest_record_fits_into_a_store_and_into_an_answer, names_are_well_formed_utf8});
}
