// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/watch_request.h"

#include "tests/check.h"
#include "tests/plugin/fakes.h"

using namespace plugin;
using federation::Reason;
using tests::same;

namespace {

std::string refusal(const std::string& message) {
    const auto parsed = watch_request::parse(load(message).get());
    const auto* error = std::get_if<WatchError>(&parsed);
    return error ? std::to_string(static_cast<int>(error->code)) + " " + error->reason : "taken";
}

START_TEST(a_stream_is_asked_for_by_its_uri) {
    const auto parsed =
        watch_request::parse(load(R"({"request":"Watch","uri":"viaduct:stream/front%20door"})").get());
    const auto& request = std::get<watch_request::Request>(parsed);
    ck_assert(std::get<watch_request::Watch>(request).uri.feed == "front door");
    for (const char* name : {"start", "pause", "STOP"})
        ck_assert(same(refusal(std::string{R"({"request":")"} + name + "\"}"), "taken"));
}
END_TEST

START_TEST(what_is_no_request_is_refused_with_a_code_and_a_word) {
    ck_assert(same(refusal("{"), "450 no-message"));
    ck_assert(same(refusal("[]"), "451 invalid-json"));
    ck_assert(same(refusal("{}"), "453 missing-element"));
    ck_assert(same(refusal(R"({"request":1})"), "454 invalid-element"));
    ck_assert(same(refusal(R"({"request":"dance"})"), "452 unknown-request"));
    ck_assert(same(refusal(R"({"request":"watch"})"), "453 missing-element"));
    ck_assert(same(refusal(R"({"request":"watch","uri":7})"), "454 invalid-element"));
    for (const char* uri : {"", "cam", "http://x/", "viaduct:stream/", "viaduct:room/demo/7"})
        ck_assert(
            same(refusal(std::string{R"({"request":"watch","uri":")"} + uri + "\"}"), "454 invalid-uri"));
}
END_TEST

START_TEST(reasons_have_codes) {
    const auto code = [](Reason reason) { return static_cast<int>(watch_error(reason).code); };
    ck_assert_int_eq(code(Reason::unknown_feed), 455);
    ck_assert_int_eq(code(Reason::server_unreachable), 455);
    ck_assert_int_eq(code(Reason::declined), 457);
    ck_assert_int_eq(code(Reason::not_a_member), 457);
    ck_assert_int_eq(code(Reason::incompatible_codecs), 470);
    ck_assert(
        same(dump(error_of(watch_error(Reason::too_many)).get()),
             R"({"streaming":"event","error_code":470,"error":"A limit of this server or the other was )"
             R"(reached.","reason":"too-many"})"));
}
END_TEST

START_TEST(a_status_is_told_as_streaming_tells_it) {
    ck_assert(same(dump(status_event("starting").get()),
                   R"({"streaming":"event","result":{"status":"starting"}})"));
    ck_assert(same(dump(status_event("stopped", Reason::hangup).get()),
                   R"({"streaming":"event","result":{"status":"stopped","reason":"The other side hung up.",)"
                   R"("reason_code":"hangup"}})"));
}
END_TEST

}  // namespace

int main() {
    return run_suite("watch_request",
                     {a_stream_is_asked_for_by_its_uri, what_is_no_request_is_refused_with_a_code_and_a_word,
                      reasons_have_codes, a_status_is_told_as_streaming_tells_it});
}
