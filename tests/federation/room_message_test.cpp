// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/room_message.h"

#include <string>
#include <vector>

#include "tests/federation/wire.h"

namespace {

using namespace federation;

const std::string call = "0123456789abcdef0123456789abcdef";

START_TEST(each_message_about_a_room_comes_back) {
    const std::string visit = "0123456789abcdef";
    const auto id = *dht::NodeId::from_hex(std::string(40, 'b'));
    const RoomEnter::Server server{id, dht::Endpoint::v4({10, 0, 0, 1}, 7443)};
    const auto enter = back(RoomEnter{"demo", visit, visit, "policy", true, "wss://a.example", {server}});
    ck_assert(enter.room == "demo" && enter.visit == visit && enter.answer == visit);
    ck_assert(enter.policy == "policy" && enter.keyholder && enter.clients == "wss://a.example");
    ck_assert(enter.servers == std::vector{server});
    ck_assert(back(RoomEnter{"demo", visit, {}, {}, false, {}, {}}).answer.empty());
    const Participant alice{"1@home", "Alice", R"({"streams":[]})"};
    const auto roster = back(RoomRoster{"demo", 3, true, false, {alice, {"2", "", ""}}, {"4"}});
    ck_assert(roster.seq == 3 && roster.begin && !roster.end && roster.gone == std::vector<std::string>{"4"});
    ck_assert(roster.set == (std::vector<Participant>{alice, {"2", "", ""}}));
    ck_assert(back(RoomLeave{"demo", Reason::wrong_pin}).reason == Reason::wrong_pin);
    const auto proof =
        back(RoomProof{"demo", visit, true, std::string(32, '\xFF'), "c", "g", Reason::timeout});
    ck_assert(proof.run == visit && proof.secret && proof.share == std::string(32, '\xFF'));
    ck_assert(proof.confirm == "c" && proof.grant == "g" && proof.reason == Reason::timeout);
    const auto news = back(RoomPolicyNews{"demo", "policy", "1234", "signature"});
    ck_assert(news.policy == "policy" && news.pin == "1234" && news.pin_signature == "signature");
    const auto request = back(RoomRequest{call, "demo", "grant", "{}"});
    ck_assert(request.request == call && request.grant == "grant" && request.body == "{}");
    const auto reply = back(RoomAnswer{call, "{}", Reason::declined});
    ck_assert(reply.request == call && reply.body == "{}" && reply.reason == Reason::declined);
}
END_TEST

START_TEST(messages_with_fields_of_the_wrong_form_are_refused) {
    all_are_refused(
        {R"({"v":1,"type":"room-enter","room":"","visit":"0123456789abcdef"})",
         R"({"v":1,"type":"room-enter","room":"demo","visit":"0123"})",
         R"({"v":1,"type":"room-enter","room":"demo","visit":"0123456789abcdef","policy":"%"})",
         R"({"v":1,"type":"room-enter","room":"demo","visit":"0123456789abcdef","servers":{}})",
         R"({"v":1,"type":"room-enter","room":"demo","visit":"0123456789abcdef","servers":[7]})",
         R"({"v":1,"type":"room-enter","room":"demo","visit":"0123456789abcdef","servers":[{"id":"0","at":"x"}]})",
         R"({"v":1,"type":"room-enter","room":"demo","visit":"0123456789abcdef","keyholder":1})",
         R"({"v":1,"type":"room-roster","room":"demo"})",
         R"({"v":1,"type":"room-roster","room":"demo","seq":-1})",
         R"({"v":1,"type":"room-roster","room":"demo","seq":1,"set":[{"display":"x"}]})",
         R"({"v":1,"type":"room-roster","room":"demo","seq":1,"gone":[7]})",
         R"({"v":1,"type":"room-leave","room":"demo"})",
         R"({"v":1,"type":"room-proof","room":"demo","run":"0123456789abcdeX"})",
         R"({"v":1,"type":"room-request","request":"0","room":"demo"})",
         R"({"v":1,"type":"room-answer","request":"0123456789abcdef0123456789abcdef"})"});
}
END_TEST

START_TEST(what_one_message_lists_is_bounded) {
    RoomEnter enter{"demo", "0123456789abcdef", {}, {}, false, {}, {}};
    const auto id = *dht::NodeId::from_hex(std::string(40, 'b'));
    enter.servers.assign(room_servers_max, {id, dht::Endpoint::v4({10, 0, 0, 1}, 1)});
    ck_assert(back(enter).servers.size() == room_servers_max);
    enter.servers.push_back(enter.servers.front());
    ck_assert(!decode(encode(enter)));
    const auto display = [](std::size_t bytes) {
        return RoomRoster{"demo", 1, false, false, {{"1", std::string(bytes, 'x'), ""}}, {}};
    };
    ck_assert(back(display(display_bytes_max)).set.size() == 1);
    ck_assert(!decode(encode(display(display_bytes_max + 1))));
    ck_assert(!decode(encode(RoomPolicyNews{"demo", std::string(policy_bytes_max + 1, 'x'), ""})));
    ck_assert(!decode(encode(RoomPolicyNews{"demo", "", std::string(pin_bytes_max + 1, 'x')})));
    ck_assert(!decode(encode(RoomPolicyNews{"demo", "", "1234", std::string(65, 'x')})));
}
END_TEST

}  // namespace

int main() {
    return run_suite("room_message",
                     {each_message_about_a_room_comes_back,
                      messages_with_fields_of_the_wrong_form_are_refused, what_one_message_lists_is_bounded});
}
