// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/direct.h"

#include <string>

#include "federation/protocol.h"
#include "plugin/json.h"
#include "tests/check.h"

namespace {

using plugin::ApiError;
using plugin::Code;
using plugin::load;

const std::string sdp =
    "v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\nm=audio 9 RTP/SAVPF 111\\r\\n";

Code refusal(const std::variant<std::string, ApiError>& parsed) {
    ck_assert(std::holds_alternative<ApiError>(parsed));
    return std::get<ApiError>(parsed).code;
}

START_TEST(a_description_keeps_type_and_sdp_and_nothing_else) {
    const std::string plain = R"({"type":"offer","sdp":")" + sdp + "\"}";
    const auto parsed =
        plugin::parse_description(load(R"({"type":"offer","sdp":")" + sdp + R"(","x":{}})").get(), "offer");
    ck_assert(std::get<std::string>(parsed) == plain);
}
END_TEST

START_TEST(a_description_is_of_the_expected_type_sound_and_not_too_long) {
    const auto with = [](const std::string& text, const char* type) {
        return refusal(plugin::parse_description(load(text).get(), type));
    };
    for (const char* missing : {"null", "7", "[]", "{}", R"({"type":"offer"})", R"({"type":7,"sdp":"v=0"})"})
        ck_assert_msg(with(missing, "") == Code::missing_sdp, "%s", missing);
    const std::string as = R"(","sdp":")" + sdp + "\"}";
    ck_assert(with(R"({"type":"answer)" + as, "offer") == Code::invalid_sdp);
    ck_assert(with(R"({"type":"pranswer)" + as, "") == Code::invalid_sdp);
    ck_assert(with(R"({"type":"rollback)" + as, "") == Code::invalid_sdp);
    ck_assert(with(R"({"type":"offer","sdp":"nonsense"})", "") == Code::invalid_sdp);
    std::string much = sdp;
    while (much.size() <= federation::sdp_bytes_max) much += "a=x:" + std::string(1000, 'x') + "\\r\\n";
    ck_assert(with(R"({"type":"offer","sdp":")" + much + "\"}", "") == Code::invalid_sdp);
}
END_TEST

START_TEST(a_candidate_keeps_its_four_members) {
    const std::string whole =
        R"({"candidate":"candidate:1 1 udp 1 192.0.2.1 5000 typ host","sdpMid":"0","sdpMLineIndex":0,"usernameFragment":"abcd"})";
    ck_assert(std::get<std::string>(plugin::parse_candidate(load(whole).get())) == whole);
    const auto some = plugin::parse_candidate(
        load(R"({"candidate":"","sdpMid":null,"sdpMLineIndex":null,"evil":"<script>"})").get());
    ck_assert(std::get<std::string>(some) == R"({"candidate":""})");
    ck_assert(std::get<std::string>(plugin::parse_candidate(nullptr)).empty());
    ck_assert(std::get<std::string>(plugin::parse_candidate(json_null())).empty());
}
END_TEST

START_TEST(a_candidate_that_is_none_is_refused) {
    const std::string good = R"("candidate":"candidate:1")";
    ck_assert(refusal(plugin::parse_candidate(json_true())) == Code::invalid_element);
    for (const std::string& wrong :
         {std::string{"[]"}, std::string{"{}"}, std::string{R"({"candidate":7})"},
          std::string{R"({"candidate":"a=candidate:1"})"},
          std::string{R"({"candidate":"candidate:1\r\na=x"})"}, std::string{R"({"candidate":"candidate:é"})"},
          "{" + good + R"(,"sdpMid":7})", "{" + good + R"(,"sdpMid":"a\nb"})",
          "{" + good + R"(,"sdpMLineIndex":-1})", "{" + good + R"(,"sdpMLineIndex":64})",
          "{" + good + R"(,"sdpMLineIndex":"0"})", "{" + good + R"(,"usernameFragment":{}})",
          R"({"candidate":"candidate:)" + std::string(plugin::candidate_text_bytes_max, 'x') + "\"}",
          R"({"candidate":"candidate:)" + std::string(1000, 'x') + R"(","sdpMid":")" +
              std::string(1000, 'x') + R"(","usernameFragment":")" + std::string(1000, 'x') + "\"}"}) {
        ck_assert_msg(refusal(plugin::parse_candidate(load(wrong).get())) == Code::invalid_element, "%s",
                      wrong.substr(0, 80).c_str());
    }
}
END_TEST

}  // namespace

int main() {
    return run_suite("direct", {a_description_keeps_type_and_sdp_and_nothing_else,
                                a_description_is_of_the_expected_type_sound_and_not_too_long,
                                a_candidate_keeps_its_four_members, a_candidate_that_is_none_is_refused});
}
