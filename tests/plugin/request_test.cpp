// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/request.h"

#include "federation/protocol.h"
#include "plugin/json.h"
#include "tests/check.h"
#include "tests/plugin/same.h"

using plugin::ApiError;
using plugin::Code;
using plugin::Jsep;
using plugin::load;
using plugin::parse_jsep;
using plugin::parse_request;
using tests::same;

namespace {

const std::string sdp =
    "v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\n";

/// The request, which has to be one of this type.
template <class T>
T read(const std::string& text) {
    auto parsed = parse_request(load(text).get());
    ck_assert_msg(std::holds_alternative<plugin::Request>(parsed), "%s", text.c_str());
    auto& request = std::get<plugin::Request>(parsed);
    ck_assert_msg(std::holds_alternative<T>(request), "%s", text.c_str());
    return std::get<T>(request);
}

/// The error's code; 0 if there is none.
int code(const std::string& text) {
    const auto parsed = parse_request(load(text).get());
    const auto* error = std::get_if<ApiError>(&parsed);
    return error ? static_cast<int>(error->code) : 0;
}

int jsep_code(const std::string& text) {
    const auto parsed = parse_jsep(load(text).get());
    const auto* error = std::get_if<ApiError>(&parsed);
    return error ? static_cast<int>(error->code) : 0;
}

std::string text_of(std::size_t octets) {
    return '"' + std::string(octets, 'x') + '"';
}

START_TEST(every_request_is_known_in_any_case) {
    read<plugin::List>(R"({"request":"list"})");
    read<plugin::List>(R"({"request":"LiSt"})");
    read<plugin::Accept>(R"({"request":"accept"})");
    ck_assert(same(read<plugin::Register>(R"({"request":"register","username":"alice"})").username, "alice"));
    ck_assert(same(read<plugin::Call>(R"({"request":"CALL","username":"bob"})").username, "bob"));
    read<plugin::Hangup>(R"({"request":"hangup"})");
    read<plugin::Set>(R"({"request":"set"})");
}
END_TEST

START_TEST(no_message_is_470) {
    const auto parsed = parse_request(nullptr);
    ck_assert_int_eq(static_cast<int>(std::get<ApiError>(parsed).code), 470);
}
END_TEST

START_TEST(what_is_no_object_is_471) {
    ck_assert_int_eq(code("[]"), 471);
    ck_assert_int_eq(code(R"(["request","list"])"), 471);
    const plugin::Json text{json_string("list")};
    ck_assert_int_eq(static_cast<int>(std::get<ApiError>(parse_request(text.get())).code), 471);
}
END_TEST

START_TEST(an_unknown_request_is_472) {
    ck_assert_int_eq(code(R"({"request":"dance"})"), 472);
    ck_assert_int_eq(code(R"({"request":""})"), 472);
    ck_assert_int_eq(code(R"({"request":"list "})"), 472);
}
END_TEST

START_TEST(a_missing_element_is_475) {
    ck_assert_int_eq(code("{}"), 475);
    ck_assert_int_eq(code(R"({"request":"register"})"), 475);
    ck_assert_int_eq(code(R"({"request":"call","user":"bob"})"), 475);
}
END_TEST

START_TEST(an_element_of_the_wrong_type_is_474) {
    for (const char* wrong : {"null", "1", "true", "[]", "{}"}) {
        const std::string value{wrong};
        ck_assert_int_eq(code(R"({"request":)" + value + "}"), 474);
        ck_assert_int_eq(code(R"({"request":"register","username":)" + value + "}"), 474);
        ck_assert_int_eq(code(R"({"request":"call","username":)" + value + "}"), 474);
    }
    for (const char* wrong : {"null", "1", "\"true\"", "[]", "{}"}) {
        ck_assert_int_eq(code(std::string{R"({"request":"set","audio":)"} + wrong + "}"), 474);
        ck_assert_int_eq(code(std::string{R"({"request":"set","video":)"} + wrong + "}"), 474);
        ck_assert_int_eq(code(std::string{R"({"request":"set","restart":)"} + wrong + "}"), 474);
    }
    for (const char* wrong : {"null", "1.5", "\"1\"", "-1", "4294967296", "true"})
        ck_assert_int_eq(code(std::string{R"({"request":"set","bitrate":)"} + wrong + "}"), 474);
}
END_TEST

START_TEST(the_first_complaint_is_the_one_told) {
    const auto parsed = parse_request(load(R"({"request":"set","audio":1,"bitrate":-1})").get());
    ck_assert(std::get<ApiError>(parsed).text.find("audio") != std::string::npos);
}
END_TEST

START_TEST(a_text_has_a_limit) {
    ck_assert_int_eq(code(R"({"request":"call","username":)" + text_of(plugin::text_bytes_max) + "}"), 0);
    ck_assert_int_eq(code(R"({"request":"call","username":)" + text_of(plugin::text_bytes_max + 1) + "}"),
                     474);
    ck_assert_int_eq(code(R"({"request":)" + text_of(plugin::text_bytes_max + 1) + "}"), 474);
}
END_TEST

START_TEST(set_reads_what_is_there_and_nothing_else) {
    const auto none = read<plugin::Set>(R"({"request":"set"})");
    ck_assert(!none.audio && !none.video && !none.bitrate && !none.restart);
    const auto all = read<plugin::Set>(
        R"({"request":"set","audio":false,"video":true,"bitrate":4294967295,"restart":true})");
    ck_assert(all.audio == false);
    ck_assert(all.video == true);
    ck_assert(all.bitrate == 4294967295U);
    ck_assert(all.restart);
    ck_assert(read<plugin::Set>(R"({"request":"set","bitrate":0})").bitrate == 0U);
}
END_TEST

START_TEST(set_reads_what_videocall_has_for_layers_and_recording) {
    const auto set = read<plugin::Set>(
        R"({"request":"set","record":true,"filename":"x","substream":0,"temporal":2,"fallback":500000})");
    ck_assert(set.record == true);
    ck_assert(set.filename == "x");
    ck_assert(set.substream == 0);
    ck_assert(set.temporal == 2);
    ck_assert(set.fallback == 500'000U);
    for (const char* wrong : {R"("record":1)", R"("filename":1)", R"("substream":3)", R"("substream":-1)",
                              R"("temporal":"1")", R"("temporal":3)", R"("fallback":-1)"})
        ck_assert_int_eq(code(std::string{R"({"request":"set",)"} + wrong + "}"), 474);
    const auto parsed = parse_request(load(R"({"request":"set","substream":3})").get());
    ck_assert(same(std::get<ApiError>(parsed).text, "Invalid value (substream should be 0, 1 or 2)"));
}
END_TEST

START_TEST(a_lookup_needs_a_name_and_a_decline_no_reason) {
    ck_assert(read<plugin::Lookup>(R"({"request":"lookup","username":"bob"})").username == "bob");
    ck_assert_int_eq(code(R"({"request":"lookup"})"), 475);
    ck_assert(!read<plugin::Decline>(R"({"request":"decline"})").reason);
    ck_assert(read<plugin::Decline>(R"({"request":"decline","reason":"no"})").reason == "no");
}
END_TEST

START_TEST(layers_are_read_from_the_smallest_on) {
    const auto jsep_of = [](const std::string& simulcast) {
        return std::get<Jsep>(parse_jsep(
            load(R"({"type":"offer","sdp":")" + sdp + R"(","simulcast":)" + simulcast + "}").get()));
    };
    // Janus names the largest first, but numbers the smallest first.
    const auto named = jsep_of(R"([{"mindex":1,"mid":"1","rids":["h","m","l"],"rid-ext":10}])").simulcast;
    ck_assert_uint_eq(named.size(), 1);
    ck_assert_int_eq(named[0].mindex, 1);
    ck_assert(named[0].rids == (std::vector<std::string>{"l", "m", "h"}));
    ck_assert_int_eq(named[0].rid_extension, 10);
    const auto numbered = jsep_of(R"([{"mindex":2,"ssrcs":[100,200,300]}])").simulcast;
    ck_assert(numbered[0].ssrcs == (std::vector<std::uint32_t>{100, 200, 300}));
    for (const char* wrong : {"{}", "[]", "7", "null"}) ck_assert(jsep_of(wrong).simulcast.empty());
    ck_assert(jsep_of(R"([{"rids":[1,2,3,4,5]},7])").simulcast[0].rids.size() == 3);
    // It is this browser's own affair.
    ck_assert(jsep_of(R"([{"mindex":1,"rids":["h"]}])").to_json().find("simulcast") == std::string::npos);
}
END_TEST

START_TEST(nobody_fails_to_hang_up) {
    ck_assert(read<plugin::Hangup>(R"({"request":"hangup","reason":"bye"})").reason == "bye");
    ck_assert(!read<plugin::Hangup>(R"({"request":"hangup","reason":1})").reason);
    ck_assert(!read<plugin::Hangup>(R"({"request":"hangup","reason":)" + text_of(513) + "}").reason);
}
END_TEST

START_TEST(a_jsep_is_read_and_written) {
    const auto parsed = parse_jsep(
        load(R"({"type":"offer","sdp":")" + sdp + R"(","update":true,"e2ee":true,"trickle":false})").get());
    ck_assert(std::holds_alternative<Jsep>(parsed));
    const auto& jsep = std::get<Jsep>(parsed);
    ck_assert(same(jsep.type, "offer"));
    ck_assert(jsep.update);
    ck_assert(same(jsep.to_json(), (R"({"type":"offer","sdp":")" + sdp + R"(","e2ee":true})")));
}
END_TEST

START_TEST(a_jsep_without_an_sdp_is_482) {
    ck_assert_int_eq(static_cast<int>(std::get<ApiError>(parse_jsep(nullptr)).code), 482);
    for (const char* text : {"{}", "[]", R"({"type":"offer"})", R"({"sdp":"v=0"})",
                             R"({"type":1,"sdp":"v=0"})", R"({"type":"offer","sdp":{}})"})
        ck_assert_int_eq(jsep_code(text), 482);
}
END_TEST

START_TEST(a_jsep_with_something_else_is_483) {
    ck_assert_int_eq(jsep_code(R"({"type":"offer","sdp":"nonsense"})"), 483);
    ck_assert_int_eq(jsep_code(R"({"type":"rollback","sdp":")" + sdp + "\"}"), 483);
    ck_assert_int_eq(jsep_code(R"({"type":"","sdp":")" + sdp + "\"}"), 483);
}
END_TEST

// The other server would close the connection, and all calls with it, over a message that is too long.
START_TEST(an_sdp_that_no_message_can_carry_is_483) {
    std::string longest = sdp;
    while (longest.size() < federation::sdp_bytes_max) longest += "a=x:y\\r\\n";
    ck_assert_int_eq(jsep_code(R"({"type":"answer","sdp":")" + longest + "\"}"), 483);
    longest.resize(longest.rfind("a=x", federation::sdp_bytes_max - 100));
    ck_assert_int_eq(jsep_code(R"({"type":"answer","sdp":")" + longest + "\"}"), 0);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "request",
        {every_request_is_known_in_any_case, no_message_is_470, what_is_no_object_is_471,
         an_unknown_request_is_472, a_missing_element_is_475, an_element_of_the_wrong_type_is_474,
         the_first_complaint_is_the_one_told, a_text_has_a_limit, set_reads_what_is_there_and_nothing_else,
         set_reads_what_videocall_has_for_layers_and_recording, a_lookup_needs_a_name_and_a_decline_no_reason,
         layers_are_read_from_the_smallest_on, nobody_fails_to_hang_up, a_jsep_is_read_and_written,
         a_jsep_without_an_sdp_is_482, a_jsep_with_something_else_is_483,
         an_sdp_that_no_message_can_carry_is_483});
}
