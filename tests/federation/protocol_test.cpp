// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/protocol.h"

#include <string>
#include <vector>

#include "dht/revocations.h"
#include "tests/check.h"
#include "tests/federation/wire.h"

namespace {

using namespace federation;

const CallId call = "0123456789abcdef0123456789abcdef";
const std::string jsep = R"({"type":"offer","sdp":"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n","trickle":true})";

/// A sound invite in which one field has been replaced by `json`.
std::string invite_with(const std::string& field, const std::string& json) {
    std::string text = R"({"v":1,"type":"invite")";
    const std::vector<std::pair<std::string, std::string>> fields{{"call", '"' + call + '"'},
                                                                  {"from", R"("alice")"},
                                                                  {"to", R"("bob")"},
                                                                  {"lane", "2"},
                                                                  {"jsep", jsep}};
    for (const auto& [name, value] : fields) {
        text += ",\"" + name + "\":" + (name == field ? json : value);
    }
    return text + '}';
}

START_TEST(each_message_comes_back) {
    ck_assert(back(Hello{"viaduct/0.1.0", "00ff"}).software == "viaduct/0.1.0");
    const auto invite = back(Invite{call, "alice", "bob", 4'294'967'295, jsep});
    ck_assert(invite.call == call && invite.from == "alice" && invite.to == "bob");
    ck_assert(invite.lane == 4'294'967'295 && invite.jsep == jsep);
    ck_assert(back(Ringing{call}).call == call);
    ck_assert(back(Accept{call, jsep}).jsep == jsep);
    ck_assert(back(Update{call, jsep}).jsep == jsep);
    ck_assert(back(Candidate{call, R"({"candidate":"candidate:1"})"}).candidate ==
              R"({"candidate":"candidate:1"})");
    ck_assert(back(Candidate{call, ""}).candidate.empty());
    ck_assert(back(Bridge{call, jsep}).jsep == jsep && back(Bridge{call, ""}).jsep.empty());
    const auto bye = back(Bye{call, Reason::busy, "later"});
    ck_assert(bye.reason == Reason::busy && bye.text == "later");
    const auto signal = back(TrunkSignal{"1f", "candidate", "candidate:1"});
    ck_assert(signal.trunk == "1f" && signal.kind == "candidate" && signal.body == "candidate:1");
    ck_assert(back(Check{call}).call == call);
    back(Ping{});
    back(Pong{});
}
END_TEST

START_TEST(the_wire_is_plain_json) {
    ck_assert(encode(Ringing{call}) ==
              R"({"v":1,"type":"ringing","call":"0123456789abcdef0123456789abcdef"})");
}
END_TEST

START_TEST(a_jsep_may_be_missing) {
    ck_assert(back(Accept{call, ""}).jsep.empty());
}
END_TEST

START_TEST(what_is_for_the_browser_itself_is_told_apart) {
    const auto invite = back(Invite{call, "alice", "bob", 2, jsep, true});
    ck_assert(invite.direct && invite.jsep == jsep && !back(Invite{call, "alice", "bob", 2, jsep}).direct);
    ck_assert(back(Accept{call, jsep, true}).direct && back(Update{call, jsep, true}).direct);
    ck_assert(encode(Accept{call, "{}", true}) ==
              R"({"v":1,"type":"accept","call":"0123456789abcdef0123456789abcdef","description":{}})");
    const auto accept = [](const std::string& rest) {
        return decode(R"({"v":1,"type":"accept","call":")" + call + "\"," + rest + '}');
    };
    ck_assert(!std::get<Accept>(accept(R"("jsep":{"a":1},"description":{})").value()).direct);
    ck_assert(!accept(R"("description":7)"));
}
END_TEST

START_TEST(a_candidate_is_a_small_object_or_nothing) {
    const auto with = [](const std::string& candidate) {
        return decode(R"({"v":1,"type":"candidate","call":")" + call + R"(","candidate":)" + candidate + '}');
    };
    ck_assert(with("{}").has_value());
    for (const auto& wrong : {std::string{"7"}, std::string{"[]"}, std::string{R"("candidate:1")"},
                              R"({"candidate":")" + std::string(candidate_bytes_max, 'x') + R"("})"}) {
        ck_assert_msg(!with(wrong), "%.80s", wrong.c_str());
    }
}
END_TEST

START_TEST(an_unknown_type_is_ignorable_and_nothing_else_is) {
    const auto unknown = decode(R"({"v":1,"type":"teleport"})");
    ck_assert(!unknown && unknown.error().ignorable);
    for (const char* text :
         {"", "null", "[]", "{", "{}", R"({"v":1})", R"({"type":"ping"})", R"({"v":2,"type":"ping"})",
          R"({"v":"1","type":"ping"})", R"({"v":1,"type":7})", R"({"v":1,"type":"ping"}x)",
          R"({"v":1,"v":1,"type":"ping"})", R"({"v":1,"type":"ringing"})"}) {
        const auto decoded = decode(text);
        ck_assert_msg(!decoded && !decoded.error().ignorable, "%s", text);
    }
}
END_TEST

START_TEST(each_field_of_an_invite_is_looked_at) {
    ck_assert(decode(invite_with("", "")).has_value());
    ck_assert(decode(invite_with("lane", "3")).has_value());
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"call", R"("0123")"},
        {"call", R"("0123456789ABCDEF0123456789abcdef")"},
        {"call", "7"},
        {"from", R"("")"},
        {"from", R"("a@b")"},
        {"from", '"' + std::string(65, 'x') + '"'},
        {"to", R"("a\nb")"},
        {"to", "null"},
        {"lane", "0"},
        {"lane", "1"},
        {"lane", "-2"},
        {"lane", "4294967296"},
        {"lane", "2.0"},
        {"lane", R"("2")"},
        {"jsep", "[]"},
        {"jsep", R"("v=0")"},
        {"jsep", R"({"sdp":")" + std::string(sdp_bytes_max, 'x') + R"("})"},
    };
    for (const auto& [field, json] : wrong) {
        ck_assert_msg(!decode(invite_with(field, json)), "%s: %.80s", field.c_str(), json.c_str());
    }
}
END_TEST

START_TEST(texts_are_bounded) {
    ck_assert(!decode(encode(Bye{call, Reason::hangup, std::string(text_bytes_max + 1, 'x')})));
    ck_assert(!decode(encode(Hello{std::string(software_bytes_max + 1, 'x'), "1"})));
    ck_assert(!decode(encode(TrunkSignal{"1", "offer", std::string(sdp_bytes_max + 1, 'x')})));
    ck_assert(decode(encode(TrunkSignal{"1", "offer", std::string(sdp_bytes_max, 'x')})));
    ck_assert(!decode(R"({"v":1,"type":"ping"})" + std::string(message_bytes_max, ' ')));
}
END_TEST

START_TEST(a_certificate_and_a_list_travel_in_base64) {
    const dht::Identity authority{dht::Identity::Seed{1}};
    ck_assert(back(Hello{"x", "1", "a certificate"}).certificate == "a certificate");
    ck_assert(back(Hello{"x", "1"}).certificate.empty());
    ck_assert(!decode(R"({"v":1,"type":"hello","software":"x","instance":"1","certificate":"*"})"));
    ck_assert(!decode(encode(Hello{"x", "1", std::string(200, 'x')})));
    const auto list = sign(dht::Revocations{3, {1, 2}}, authority);
    ck_assert(back(Revocations{list}).list == list);
    ck_assert(!decode(R"({"v":1,"type":"revocations","list":"Zm9v"})"));
    ck_assert(!decode(R"({"v":1,"type":"revocations"})"));
    ck_assert(back(Refuse{Reason::not_a_member}).reason == Reason::not_a_member);
}
END_TEST

START_TEST(a_reason_of_a_newer_server_is_a_hangup) {
    const auto decoded = decode(R"({"v":1,"type":"bye","call":")" + call + R"(","reason":"moon-phase"})");
    ck_assert(decoded && std::get<Bye>(decoded.value()).reason == Reason::hangup);
}
END_TEST

START_TEST(what_is_not_utf8_is_not_sent) {
    const auto decoded = decode(encode(Bye{call, Reason::hangup, "\xFF"}));
    ck_assert(decoded && std::get<Bye>(decoded.value()).text.empty());
    ck_assert(!valid_jsep("\"v=0\"") && !valid_jsep("") && !valid_jsep("{\"a\":\"\xFF\"}") &&
              valid_jsep("{}"));
}
END_TEST

START_TEST(deep_nesting_does_no_harm) {
    ck_assert(!decode(std::string(message_bytes_max, '[')));
    std::string deep =
        R"({"v":1,"type":"ping","x":)" + std::string(20'000, '[') + std::string(20'000, ']') + '}';
    ck_assert(!decode(deep));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "protocol",
        {each_message_comes_back, the_wire_is_plain_json, what_is_for_the_browser_itself_is_told_apart,
         a_candidate_is_a_small_object_or_nothing, a_jsep_may_be_missing,
         an_unknown_type_is_ignorable_and_nothing_else_is, each_field_of_an_invite_is_looked_at,
         texts_are_bounded, a_certificate_and_a_list_travel_in_base64, a_reason_of_a_newer_server_is_a_hangup,
         what_is_not_utf8_is_not_sent, deep_nesting_does_no_harm});
}
