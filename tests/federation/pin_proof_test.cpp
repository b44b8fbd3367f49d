// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/pin_proof.h"

#include <algorithm>

#include "dht/crypto.h"
#include "dht/hex.h"
#include "tests/check.h"

namespace {

using namespace federation;
using Role = PinProof::Role;

/// What the draft's test vectors call for instead of chance.
class Given final : public dht::Random {
public:
    explicit Given(const char* hex) { ck_assert(dht::from_hex(hex, octets_)); }
    void fill(std::span<std::uint8_t> out) override { std::copy_n(octets_.begin(), out.size(), out.begin()); }

private:
    std::array<std::uint8_t, 32> octets_{};
};

std::string octets(const char* hex) {
    std::string out(std::string_view{hex}.size() / 2, '\0');
    std::array<std::uint8_t, 64> bytes{};
    ck_assert(dht::from_hex(hex, std::span{bytes}.first(out.size())));
    std::copy_n(bytes.begin(), out.size(), out.begin());
    return out;
}

PinProof::Terms terms(const std::string& pin) {
    return {pin, "channel", "session", "a", "b"};
}

struct Run {
    dht::SeededRandom random{7};
    PinProof a, b;
    bool received;

    Run(const PinProof::Terms& of_a, const PinProof::Terms& of_b)
        : a(Role::initiator, of_a, random), b(Role::responder, of_b, random) {
        received = b.receive(a.share()) && a.receive(b.share());
    }
    [[nodiscard]] bool agree() const {
        ck_assert(received);
        const bool a_convinced = a.confirmed(b.confirmation());
        ck_assert(a_convinced == b.confirmed(a.confirmation()));
        return a_convinced;
    }
};

START_TEST(the_test_vectors_of_the_draft_are_met) {
    const PinProof::Terms draft{"Password", octets("0b415f696e69746961746f720b425f726573706f6e646572"),
                                octets("7e4b4791d6a8ef019b936c79fb7f2c57"), "ADa", "ADb"};
    Given ya{"da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08"};
    Given yb{"d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d"};
    PinProof a{Role::initiator, draft, ya};
    PinProof b{Role::responder, draft, yb};
    ck_assert(dht::hex(a.share()) == "d6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0eec482b9157");
    ck_assert(dht::hex(b.share()) == "3ea7e0b19560d7c0b0f5734f63b955286dfa8232b5ebe63324e2d9e7433f7258");
    ck_assert(a.receive(b.share()) && b.receive(a.share()));
    const auto* key =
        "b69effbf61b51d56401c0f65601abe428de8206feaaf0e32198896dcae7b35cd"
        "2b38950a39dfd5d4a79164614c2984f7daa460b588c1e80c3fa2068af7900447";
    ck_assert(dht::hex(a.key()) == key && dht::hex(b.key()) == key);
}
END_TEST

START_TEST(who_knows_the_same_pin_is_convinced_and_nobody_else) {
    ck_assert((Run{terms("1234"), terms("1234")}.agree()));
    ck_assert((!Run{terms("1234"), terms("1235")}.agree()));
    ck_assert((!Run{terms("1234"), terms("")}.agree()));
    const std::string long_pin(300, 'x');
    ck_assert((Run{terms(long_pin), terms(long_pin)}.agree()));
    ck_assert((!Run{terms(long_pin), terms(long_pin + 'x')}.agree()));
}
END_TEST

START_TEST(a_proof_made_for_another_room_or_other_servers_proves_nothing) {
    auto other = terms("1234");
    other.channel = "another channel";
    ck_assert((!Run{terms("1234"), other}.agree()));
    other = terms("1234");
    other.session = "another session";
    ck_assert((!Run{terms("1234"), other}.agree()));
}
END_TEST

START_TEST(a_side_that_sends_back_what_it_was_sent_proves_nothing) {
    Run run{terms("1234"), terms("1234")};
    ck_assert(!run.a.confirmed(run.a.confirmation()));
    dht::SeededRandom random{9};
    PinProof alone{Role::initiator, terms("1234"), random};
    ck_assert(alone.receive(alone.share()) && !alone.confirmed(alone.confirmation()));
}
END_TEST

START_TEST(a_share_that_is_no_point_is_refused) {
    dht::SeededRandom random{8};
    PinProof proof{Role::responder, terms("1234"), random};
    PinProof::Share share{};
    ck_assert(!proof.receive(share));  // the neutral element
    share.fill(0xFF);
    ck_assert(!proof.receive(share));
}
END_TEST

START_TEST(each_run_has_a_share_of_its_own) {
    dht::SeededRandom random{8};
    const PinProof one{Role::initiator, terms("1234"), random};
    const PinProof two{Role::initiator, terms("1234"), random};
    ck_assert(one.share() != two.share());
}
END_TEST

}  // namespace

int main() {
    return run_suite("pin_proof", {the_test_vectors_of_the_draft_are_met,
                                   who_knows_the_same_pin_is_convinced_and_nobody_else,
                                   a_proof_made_for_another_room_or_other_servers_proves_nothing,
                                   a_side_that_sends_back_what_it_was_sent_proves_nothing,
                                   a_share_that_is_no_point_is_refused, each_run_has_a_share_of_its_own});
}
