// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/revocations.h"

#include <numeric>

#include "tests/dht/samples.h"

using namespace dht;

namespace {

const auto authority = samples::identity(1);

}  // namespace

START_TEST(a_list_is_read_as_it_was_signed) {
    const Revocations list{7, {1, 300, UINT32_MAX}};
    const auto read = read_revocations(sign(list, authority), authority.public_key());
    ck_assert(read == list);
    ck_assert(read->contains(300) && !read->contains(2));
}
END_TEST

START_TEST(nobody_else_can_sign_or_change_one) {
    const auto signed_list = sign(Revocations{7, {1}}, authority);
    ck_assert(!read_revocations(signed_list, samples::identity(2).public_key()));
    auto newer = signed_list;
    newer.seq = 8;
    ck_assert(!read_revocations(newer, authority.public_key()));
    auto shorter = signed_list;
    shorter.value = "0:";
    ck_assert(!read_revocations(shorter, authority.public_key()));
}
END_TEST

START_TEST(another_item_of_the_authority_is_no_list) {
    for (const auto* value : {"3:abc", "le", "8:\0\0\0\2\0\0\0\1", "i1e"}) {
        Item item{.value = value, .salt = Bytes{revocations_salt}, .seq = 1};
        sign(item, authority);
        ck_assert(!read_revocations(item, authority.public_key()));
    }
    Item other{.value = "0:", .salt = "another salt", .seq = 1};
    sign(other, authority);
    ck_assert(!read_revocations(other, authority.public_key()));
}
END_TEST

START_TEST(the_longest_list_fits_into_an_item_and_a_longer_one_is_none) {
    Revocations list{INT64_MAX, std::vector<std::uint32_t>(Revocations::serials_max)};
    std::iota(list.serials.begin(), list.serials.end(), 1);
    const auto item = sign(list, authority);
    ck_assert_uint_le(item.value.size(), 768);  // what a mutable item may have here
    ck_assert(read_revocations(item, authority.public_key()) == list);
    ck_assert_uint_le(encode_list(item).size(), list_bytes_max);
    list.serials.push_back(1000);
    ck_assert(!read_revocations(sign(list, authority), authority.public_key()));
}
END_TEST

START_TEST(a_list_alone_survives_a_file) {
    const auto item = sign(Revocations{7, {1, 2}}, authority);
    const auto encoded = encode_list(item);
    ck_assert(decode_list(encoded) == item);
    for (std::size_t size = 0; size < encoded.size(); ++size)
        ck_assert(!decode_list(encoded.substr(0, size)));
    ck_assert(!decode_list(encoded + "e"));
}
END_TEST

int main() {
    return run_suite("revocations", {a_list_is_read_as_it_was_signed, nobody_else_can_sign_or_change_one,
                                     another_item_of_the_authority_is_no_list,
                                     the_longest_list_fits_into_an_item_and_a_longer_one_is_none,
                                     a_list_alone_survives_a_file});
}
