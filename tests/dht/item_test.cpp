// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/item.h"

#include "tests/dht/samples.h"
#include "tests/dht/vectors.h"

using namespace dht;
using samples::identity;

namespace {

Item item(const Bytes& value, std::int64_t seq = 1, const Bytes& salt = {}) {
    Item out{.value = value, .salt = salt, .seq = seq};
    sign(out, identity(1));
    return out;
}

}  // namespace

START_TEST(bep_44s_own_vectors_hold) {
    std::size_t mutable_ones = 0;
    for (const auto& vector : vectors::read("items.txt")) {
        Item read{.value = vector.octets("value")};
        if (!vector.text("key").empty()) {
            ++mutable_ones;
            read.key = vector.array<32>("key");
            read.salt = vector.octets("salt");
            read.seq = vector.number("seq");
            read.signature = vector.array<64>("signature");
            ck_assert(verify(*read.key, vector.octets("signed"), read.signature));
        }
        ck_assert_msg(target_of(read).hex() == vector.text("target"), "%s", vector.name.c_str());
        ck_assert_msg(verify(read) && well_formed(read), "%s", vector.name.c_str());
    }
    ck_assert_uint_eq(mutable_ones, 2);
}
END_TEST

START_TEST(a_signature_covers_value_seq_and_salt) {
    const auto signed_one = item("3:abc", 4, "salt");
    ck_assert(verify(signed_one));
    auto other = signed_one;
    other.value = "3:abd";
    ck_assert(!verify(other));
    other = signed_one;
    other.seq = 5;
    ck_assert(!verify(other));
    other = signed_one;
    other.salt = "other";
    ck_assert(!verify(other));
    other = signed_one;
    other.key = identity(2).public_key();
    ck_assert(!verify(other));
}
END_TEST

START_TEST(without_salt_an_authors_item_lies_at_its_node_id) {
    ck_assert(target_of(item("3:abc")) == identity(1).node_id());
    ck_assert(target_of(item("3:abc", 1, "x")) != identity(1).node_id());
}
END_TEST

START_TEST(what_bep_44_forbids_is_not_well_formed) {
    ck_assert(well_formed(Item{.value = "996:" + Bytes(996, 'x')}));
    ck_assert(!well_formed(Item{.value = "997:" + Bytes(997, 'x')}));
    ck_assert(well_formed(item("le", 0, Bytes(64, 's'))));
    ck_assert(!well_formed(item("le", 0, Bytes(65, 's'))));
    ck_assert(!well_formed(item("le", -1)));
    ck_assert(!well_formed(Item{.value = ""}) && !well_formed(Item{.value = "abc"}));
    ck_assert(!well_formed(Item{.value = "lelele"}));
}
END_TEST

int main() {
    return run_suite(
        "item", {bep_44s_own_vectors_hold, a_signature_covers_value_seq_and_salt,
                 without_salt_an_authors_item_lies_at_its_node_id, what_bep_44_forbids_is_not_well_formed});
}
