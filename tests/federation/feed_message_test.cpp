// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/feed_message.h"

#include <string>
#include <vector>

#include "tests/federation/wire.h"

namespace {

using namespace federation;

const std::string call = "0123456789abcdef0123456789abcdef";

START_TEST(each_message_about_a_feed_comes_back) {
    const SubscriptionId id = call;
    const auto request = back(Subscribe{id, "demo", "7", 4, R"({"mids":["0"]})"});
    ck_assert(request.subscription == id && request.room == "demo" && request.feed == "7");
    ck_assert(request.lane == 4 && request.wish == R"({"mids":["0"]})");
    ck_assert(back(Subscribe{id, "", "cam", 4, ""}).room.empty());
    ck_assert(back(Subscribed{id, "{}"}).about == "{}");
    ck_assert(back(Wish{id, "{}"}).wish == "{}");
    ck_assert(back(FeedChanged{id, "{}"}).about == "{}");
    ck_assert(back(Unsubscribe{id, Reason::unknown_feed}).reason == Reason::unknown_feed);
}
END_TEST

START_TEST(messages_with_fields_of_the_wrong_form_are_refused) {
    all_are_refused(
        {R"({"v":1,"type":"subscribe","subscription":"0","feed":"7","lane":4})",
         R"({"v":1,"type":"subscribe","subscription":"0123456789abcdef0123456789abcdef","feed":"","lane":4})",
         R"({"v":1,"type":"subscribe","subscription":"0123456789abcdef0123456789abcdef","feed":"7","lane":1})",
         R"({"v":1,"type":"subscribe","subscription":"0123456789abcdef0123456789abcdef","feed":"7","lane":4,"wish":[]})",
         R"({"v":1,"type":"wish","subscription":"0123456789abcdef0123456789abcdef","wish":7})"});
}
END_TEST

}  // namespace

int main() {
    return run_suite("feed_message", {each_message_about_a_feed_comes_back,
                                      messages_with_fields_of_the_wrong_form_are_refused});
}
