// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/feed_uri.h"

#include "tests/check.h"

using gst::FeedUri;

namespace {

const std::string id = "c9ccf5ad372b9e7e5d369791c98b734e978c2d37";

FeedUri parsed(const std::string& text) {
    const auto uri = FeedUri::parse(text);
    ck_assert_msg(uri.has_value(), "%s", text.c_str());
    return *uri;
}

START_TEST(a_stream_of_a_publisher_is_named_by_both) {
    const auto uri = parsed("viaduct://" + id + "/cam");
    ck_assert(uri.server->hex() == id.c_str());
    ck_assert(uri.feed == "cam");
    ck_assert(uri.room.empty());
}
END_TEST

START_TEST(a_stream_of_anybody_is_named_alone) {
    const auto uri = parsed("viaduct:stream/front%20door");
    ck_assert(!uri.server);
    ck_assert(uri.feed == "front door");
}
END_TEST

START_TEST(a_feed_of_a_room_is_named_with_the_room) {
    ck_assert(parsed("viaduct:room/demo").room == "demo");
    ck_assert(parsed("viaduct:room/demo").feed.empty());
    ck_assert(parsed("viaduct:room/demo/ann").feed == "ann");
    ck_assert(parsed("viaduct://" + id + "/demo/ann").room == "demo");
}
END_TEST

START_TEST(the_scheme_may_be_in_capitals) {
    parsed("VIADUCT://" + id + "/cam");
}
END_TEST

START_TEST(players_say_where_to_begin_behind_it) {
    const auto uri = parsed("viaduct://" + id + "/cam?bootstrap=127.0.0.1:7000,[::1]:7000&federation=acme");
    ck_assert(uri.bootstrap == "127.0.0.1:7000,[::1]:7000");
    ck_assert(uri.federation == "acme");
    ck_assert(uri.feed == "cam");
}
END_TEST

START_TEST(what_is_written_is_read_again) {
    for (const auto& text :
         {"viaduct://" + id + "/a%2Fb", std::string{"viaduct:stream/%C3%A4"}, "viaduct://" + id + "/room/me",
          std::string{"viaduct:room/demo"},
          // The longest there is, and all of it is encoded.
          "viaduct://" + id + "/" + std::string(64, '"') + "/" + std::string(64, '"') +
              "?bootstrap=" + std::string(256, '"') + "&federation=" + std::string(256, '"'),
          "viaduct://" + id + "/cam?bootstrap=127.0.0.1%3A7000"}) {
        const auto uri = parsed(text);
        ck_assert(parsed(uri.text()) == uri);
    }
}
END_TEST

START_TEST(what_names_nothing_is_refused_with_what_would_be_right) {
    for (const auto& text :
         {std::string{}, std::string{"viaduct"}, std::string{"http://x/y"}, std::string{"viaduct:"},
          "viaduct://" + id, "viaduct://" + id + "/", "viaduct://" + id.substr(1) + "/cam",
          "viaduct://" + id + "/a/b/c", std::string{"viaduct:stream/"}, std::string{"viaduct:stream/a/b"},
          std::string{"viaduct:user/a"}, std::string{"viaduct:stream/%00"}, std::string{"viaduct:stream/%ff"},
          "viaduct:stream/" + std::string(65, 'a'), "viaduct://" + id + "/room/" + std::string(65, '"'),
          "viaduct:stream/a?bootstrap=" + std::string(257, 'a'), std::string{"viaduct:stream/a?b"},
          std::string{"viaduct:stream/a?x=y"}, "viaduct:stream/" + std::string(2000, 'a')}) {
        const auto uri = FeedUri::parse(text);
        ck_assert_msg(!uri.has_value(), "%s", text.c_str());
        ck_assert(uri.error().what.find("viaduct:") != std::string::npos);
    }
}
END_TEST

}  // namespace

int main() {
    return run_suite("feed_uri",
                     {a_stream_of_a_publisher_is_named_by_both, a_stream_of_anybody_is_named_alone,
                      a_feed_of_a_room_is_named_with_the_room, the_scheme_may_be_in_capitals,
                      players_say_where_to_begin_behind_it, what_is_written_is_read_again,
                      what_names_nothing_is_refused_with_what_would_be_right});
}
