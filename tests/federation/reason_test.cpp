// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/reason.h"

#include <set>
#include <string>

#include "tests/check.h"

namespace {

using federation::Reason;

START_TEST(each_reason_has_a_word_of_its_own_that_leads_back) {
    std::set<std::string_view> words;
    for (int i = 0; i <= static_cast<int>(Reason::direct_failed); ++i) {
        const auto reason = static_cast<Reason>(i);
        ck_assert(words.insert(word(reason)).second);
        ck_assert(federation::reason_from(word(reason)) == reason);
        ck_assert(sentence(reason).ends_with('.'));
    }
}
END_TEST

START_TEST(words_match_their_reasons) {
    ck_assert(word(Reason::none) == "none");
    ck_assert(word(Reason::unknown_user) == "unknown-user");
    ck_assert(word(Reason::server_unreachable) == "server-unreachable");
    ck_assert(word(Reason::shutting_down) == "shutting-down");
    ck_assert(word(Reason::invalid_name) == "invalid-name");
    ck_assert(!federation::reason_from("UNKNOWN-USER"));
    ck_assert(!federation::reason_from(""));
}
END_TEST

START_TEST(who_was_told_no_need_not_ask_again) {
    for (const auto reason :
         {Reason::declined, Reason::not_a_member, Reason::wrong_pin, Reason::room_destroyed})
        ck_assert(is_final(reason));
    for (const auto reason : {Reason::unknown_feed, Reason::server_unreachable, Reason::signalling_refused,
                              Reason::too_many, Reason::trunk_failed, Reason::hangup})
        ck_assert(!is_final(reason));
}
END_TEST

}  // namespace

int main() {
    return run_suite("reason", {each_reason_has_a_word_of_its_own_that_leads_back, words_match_their_reasons,
                                who_was_told_no_need_not_ask_again});
}
