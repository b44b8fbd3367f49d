// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/item_store.h"

#include "tests/dht/samples.h"

using namespace dht;
using namespace std::chrono_literals;
using samples::identity;
using Verdict = ItemStore::Verdict;

namespace {

const auto now = samples::now.time;
const Endpoint source = Endpoint::v4({192, 0, 2, 1}, 7000);
const Endpoint elsewhere = Endpoint::v4({198, 51, 100, 1}, 7000);

Item item(std::int64_t seq, const Bytes& value = "2:me", const Bytes& salt = {}) {
    Item out{.value = value, .salt = salt, .seq = seq};
    sign(out, identity(1));
    return out;
}

Item immutable(int number) {
    return {.value = bencode::List{}.add(number).encode()};
}

struct Tested {
    Verdict put(const Item& sent, std::optional<std::int64_t> cas = {}, Time at = now) {
        return store.put(sent, cas, source, at);
    }

    ItemStore store{{.items_max = 4, .per_subnet_max = 3}};
};

}  // namespace

START_TEST(only_a_greater_seq_replaces) {
    Tested t;
    ck_assert(t.put(item(5, "1:a")) == Verdict::stored);
    ck_assert(t.put(item(4, "1:b")) == Verdict::stale);
    ck_assert(t.put(item(5, "1:b")) == Verdict::stale);
    ck_assert(t.store.find(target_of(item(5)), now)->value == "1:a");
    ck_assert(t.put(item(6, "1:b")) == Verdict::stored);
    ck_assert(t.store.find(target_of(item(5)), now)->value == "1:b");
    ck_assert_uint_eq(t.store.size(), 1);
}
END_TEST

START_TEST(cas_lets_pass_only_what_replaces_what_it_expects) {
    Tested t;
    ck_assert(t.put(item(5), 3) == Verdict::stored);  // nothing is held: cas does not count
    ck_assert(t.put(item(7), 4) == Verdict::cas_mismatch);
    ck_assert(t.put(item(7), 6) == Verdict::cas_mismatch);
    ck_assert(t.put(item(7), 5) == Verdict::stored);
}
END_TEST

START_TEST(forgeries_are_refused_whether_something_is_held_or_not) {
    Tested t;
    auto forged = item(5);
    forged.seq = 6;
    ck_assert(t.put(forged) == Verdict::bad_signature);
    ck_assert_uint_eq(t.store.size(), 0);
    t.put(item(5));
    ck_assert(t.put(forged) == Verdict::bad_signature);
    ck_assert_int_eq(t.store.find(target_of(forged), now)->seq, 5);
    auto wrong = item(7);
    wrong.value.pop_back();
    ck_assert(t.put(wrong) == Verdict::malformed);
}
END_TEST

START_TEST(the_same_again_lives_anew) {
    Tested t;
    for (const auto& sent : {item(5), immutable(1)}) {
        ck_assert(t.put(sent) == Verdict::stored);
        ck_assert(t.put(sent, {}, now + 1h) == Verdict::known);
        ck_assert(t.store.find(target_of(sent), now + 2h + 59min) != nullptr);
        ck_assert(t.store.find(target_of(sent), now + 3h) == nullptr);
    }
}
END_TEST

START_TEST(what_is_not_put_again_is_gone_after_two_hours) {
    Tested t;
    t.put(immutable(1));
    ck_assert(t.store.next_expiry() == now + 2h);
    t.store.expire(now + 2h - 1us);
    ck_assert_uint_eq(t.store.size(), 1);
    t.store.expire(now + 2h);
    ck_assert_uint_eq(t.store.size(), 0);
    ck_assert(!t.store.next_expiry());
    ck_assert(t.put(item(5), {}, now) == Verdict::stored);
    ck_assert(t.put(item(4), {}, now + 2h) == Verdict::stored);  // what expired does not count
}
END_TEST

START_TEST(salts_keep_items_of_one_author_apart) {
    Tested t;
    t.put(item(5));
    ck_assert(t.put(item(1, "2:me", "salt")) == Verdict::stored);
    ck_assert_uint_eq(t.store.size(), 2);
}
END_TEST

START_TEST(one_network_cannot_fill_the_store) {
    Tested t;
    for (int i = 0; i < 3; ++i) ck_assert(t.put(immutable(i)) == Verdict::stored);
    ck_assert(t.put(immutable(3)) == Verdict::subnet_full);
    ck_assert(t.put(immutable(2)) == Verdict::known);
    ck_assert(t.store.put(immutable(3), {}, elsewhere, now) == Verdict::stored);
    ck_assert(t.store.put(immutable(4), {}, elsewhere, now) == Verdict::full);
    ck_assert(t.store.put(immutable(4), {}, std::nullopt, now) == Verdict::stored);  // our own
    ck_assert(t.put(immutable(9), {}, now + 2h) == Verdict::stored);  // room again, and it is counted
    for (int i = 0; i < 2; ++i) ck_assert(t.put(immutable(i), {}, now + 2h) == Verdict::stored);
    ck_assert(t.put(immutable(7), {}, now + 2h) == Verdict::subnet_full);
}
END_TEST

int main() {
    return run_suite("item_store",
                     {only_a_greater_seq_replaces, cas_lets_pass_only_what_replaces_what_it_expects,
                      forgeries_are_refused_whether_something_is_held_or_not, the_same_again_lives_anew,
                      what_is_not_put_again_is_gone_after_two_hours, salts_keep_items_of_one_author_apart,
                      one_network_cannot_fill_the_store});
}
