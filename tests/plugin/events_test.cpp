// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/events.h"

#include "plugin/json.h"
#include "tests/check.h"
#include "tests/plugin/same.h"

using plugin::ApiError;
using plugin::Code;
using plugin::dump;
using tests::same;

namespace {

START_TEST(a_result_stands_inside_the_event) {
    ck_assert(same(dump(plugin::result_event("registered", {{"username", "alice"}}).get()),
                   R"({"videocall":"event","result":{"event":"registered","username":"alice"}})"));
}
END_TEST

START_TEST(a_result_may_be_its_name_alone) {
    ck_assert(
        same(dump(plugin::result_event("set").get()), R"({"videocall":"event","result":{"event":"set"}})"));
}
END_TEST

START_TEST(a_list_is_an_array_even_when_empty) {
    ck_assert(same(dump(plugin::list_event({}).get()), R"({"videocall":"event","result":{"list":[]}})"));
    ck_assert(same(dump(plugin::list_event({"alice", "bob"}).get()),
                   R"({"videocall":"event","result":{"list":["alice","bob"]}})"));
}
END_TEST

START_TEST(an_error_has_a_code_a_sentence_and_a_word) {
    const ApiError error{Code::no_such_username, "Username 'bob' doesn't exist", "unknown-user"};
    ck_assert(same(
        dump(plugin::error_event(error).get()),
        R"({"videocall":"event","error_code":478,"error":"Username 'bob' doesn't exist","reason":"unknown-user"})"));
}
END_TEST

START_TEST(a_handler_gets_the_bare_fields) {
    ck_assert(same(dump(plugin::handler_event("calling", {{"username", "bob"}}).get()),
                   R"({"event":"calling","username":"bob"})"));
}
END_TEST

START_TEST(text_that_is_no_utf8_does_not_lose_the_event) {
    ck_assert(same(dump(plugin::result_event("hangup", {{"reason", "\xff\xfe"}}).get()),
                   R"({"videocall":"event","result":{"event":"hangup","reason":"?"}})"));
    ck_assert(
        same(dump(plugin::list_event({"\x80"}).get()), R"({"videocall":"event","result":{"list":["?"]}})"));
}
END_TEST

START_TEST(an_octet_of_zero_stays_inside_its_text) {
    ck_assert(same(dump(plugin::handler_event("x", {{"reason", std::string{"a\0b", 3}}}).get()),
                   R"({"event":"x","reason":"a\u0000b"})"));
}
END_TEST

}  // namespace

int main() {
    return run_suite("events", {a_result_stands_inside_the_event, a_result_may_be_its_name_alone,
                                a_list_is_an_array_even_when_empty, an_error_has_a_code_a_sentence_and_a_word,
                                a_handler_gets_the_bare_fields, text_that_is_no_utf8_does_not_lose_the_event,
                                an_octet_of_zero_stays_inside_its_text});
}
