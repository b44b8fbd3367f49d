// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/feed_wish.h"

#include "tests/check.h"

using gst::FeedWish;

namespace {

START_TEST(a_wish_travels_as_json) {
    const FeedWish wish{{0, 0b001}, {3, 0b110}};
    ck_assert(gst::wish_from(gst::to_text(wish)) == wish);
    ck_assert(gst::wish_from(gst::to_text(FeedWish{})).empty());
    ck_assert(gst::waiting_from(gst::to_text(wish)).empty());
    ck_assert(gst::wish_from(gst::to_text(wish, {3})) == wish);
    ck_assert(gst::waiting_from(gst::to_text(wish, {3})) == std::set{3});
}
END_TEST

START_TEST(what_is_no_wish_is_none) {
    for (const char* text : {"", "[]", "{", R"({"streams":1})", R"({"streams":[{"mindex":64,"layers":1}]})",
                             R"({"streams":[{"mindex":-1,"layers":1}]})"})
        ck_assert_msg(gst::wish_from(text).empty(), "%s", text);
    for (const char* text :
         {"", "7", R"({"streams":[{"mindex":-1,"waits":true},{"mindex":64,"waits":true}]})",
          R"({"streams":[{"mindex":0,"waits":1}]})"})
        ck_assert_msg(gst::waiting_from(text).empty(), "%s", text);
    const FeedWish none{{0, 0}};
    ck_assert(gst::wish_from(R"({"streams":[1]})") == none);
    ck_assert(gst::wish_from(R"({"streams":[{"mindex":0,"layers":8}]})") == none);
}
END_TEST

START_TEST(who_wants_everything_wants_the_largest_of_each_stream) {
    const auto feed = gst::FeedDescription::parse(
        R"({"streams":[{"type":"video","codec":"vp8","pt":96,"simulcast":true},)"
        R"({"type":"audio","mindex":1,"disabled":true},{"type":"audio","mindex":2,"codec":"opus","pt":111}]})");
    const FeedWish wish{{0, 0b100}, {2, 0b100}};
    ck_assert(gst::whole(*feed) == wish);
    ck_assert(gst::pictures(*feed) == std::set{0});
}
END_TEST

}  // namespace

int main() {
    return run_suite("feed_wish", {a_wish_travels_as_json, what_is_no_wish_is_none,
                                   who_wants_everything_wants_the_largest_of_each_stream});
}
