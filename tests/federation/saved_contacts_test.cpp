// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/saved_contacts.h"

#include "tests/check.h"

namespace {

using federation::decode_contacts;
using federation::encode_contacts;

dht::Contact contact(std::uint16_t number) {
    dht::Contact out;
    out.id.octets[0] = static_cast<std::uint8_t>(number >> 8U);
    out.id.octets[1] = static_cast<std::uint8_t>(number);
    out.endpoint = dht::Endpoint::v4({192, 0, 2, 1}, static_cast<std::uint16_t>(1000 + number));
    return out;
}

START_TEST(what_was_written_is_read) {
    std::vector<dht::Contact> contacts{contact(1), contact(2)};
    contacts[1].endpoint = *dht::Endpoint::parse("[2001:db8::1]:7773");
    ck_assert(decode_contacts(encode_contacts(contacts)) == contacts);
    ck_assert(decode_contacts(encode_contacts({})) == std::vector<dht::Contact>{});
}
END_TEST

START_TEST(of_many_some_from_all_over_are_kept) {
    std::vector<dht::Contact> contacts;
    for (std::uint16_t i = 0; i < 1000; ++i) contacts.push_back(contact(i));
    const auto kept = decode_contacts(encode_contacts(contacts));
    ck_assert(kept.has_value());
    ck_assert_uint_eq(kept->size(), federation::saved_contacts_max);
    ck_assert(kept->front() == contacts.front());
    ck_assert(kept->back().id > contacts[980].id);
}
END_TEST

START_TEST(a_damaged_text_is_nothing) {
    const auto sound = encode_contacts({contact(1), contact(2)});
    for (std::size_t cut = 0; cut < sound.size(); ++cut) {
        const auto part = decode_contacts(sound.substr(0, cut));
        ck_assert(!part || part->size() < 2);  // whole lines are a sound text of their own
    }
    for (std::size_t i = 0; i < sound.size(); ++i) {
        auto changed = sound;
        changed[i] = '\xff';
        ck_assert(!decode_contacts(changed));
    }
    ck_assert(!decode_contacts(sound + "more"));
    ck_assert(!decode_contacts(std::string(100'000, '\n')));
}
END_TEST

START_TEST(more_than_may_be_is_nothing) {
    std::string text = "viaduct contacts 1\n";
    for (std::uint16_t i = 0; i <= federation::saved_contacts_max; ++i)
        text += contact(i).id.hex() + ' ' + contact(i).endpoint.to_string() + '\n';
    ck_assert(!decode_contacts(text));
}
END_TEST

}  // namespace

int main() {
    return run_suite("saved_contacts", {what_was_written_is_read, of_many_some_from_all_over_are_kept,
                                        a_damaged_text_is_nothing, more_than_may_be_is_nothing});
}
