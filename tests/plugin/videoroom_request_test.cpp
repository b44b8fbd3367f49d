// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/videoroom_request.h"

#include "plugin/json.h"
#include "tests/check.h"
#include "tests/plugin/same.h"

using namespace plugin::room_request;
using plugin::load;
using plugin::RoomError;
using tests::same;

namespace {

template <class T>
T read(const std::string& text) {
    auto parsed = parse(load(text).get());
    const auto* error = std::get_if<RoomError>(&parsed);
    ck_assert_msg(!error, "%s: %s", text.c_str(), error ? error->text.c_str() : "");
    auto& request = std::get<Request>(parsed);
    ck_assert_msg(std::holds_alternative<T>(request), "%s", text.c_str());
    return std::get<T>(std::move(request));
}

template <class T>
T administer(const std::string& text) {
    auto parsed = parse_administration(load(text).get());
    const auto* error = std::get_if<RoomError>(&parsed);
    ck_assert_msg(!error, "%s: %s", text.c_str(), error ? error->text.c_str() : "");
    auto& request = std::get<Administration>(parsed);
    ck_assert_msg(std::holds_alternative<T>(request), "%s", text.c_str());
    return std::get<T>(std::move(request));
}

/// 0: nothing is wrong.
int code(const std::string& text) {
    const auto parsed = parse(load(text).get());
    const auto* error = std::get_if<RoomError>(&parsed);
    return error ? static_cast<int>(error->code) : 0;
}

int admin_code(const std::string& text) {
    const auto parsed = parse_administration(load(text).get());
    const auto* error = std::get_if<RoomError>(&parsed);
    return error ? static_cast<int>(error->code) : 0;
}

START_TEST(a_message_is_an_object_with_a_known_request) {
    ck_assert_int_eq(static_cast<int>(std::get<RoomError>(parse(nullptr)).code), 421);
    ck_assert_int_eq(code("[]"), 422);
    ck_assert_int_eq(code("{}"), 429);
    ck_assert_int_eq(code(R"({"request":1})"), 430);
    ck_assert_int_eq(code(R"({"request":"dance"})"), 423);
    ck_assert_int_eq(admin_code(R"({"request":"join"})"), 423);
}
END_TEST

START_TEST(a_publisher_joins_with_what_it_is_called) {
    const auto join = read<Join>(
        R"({"request":"JOIN","room":1234,"ptype":"publisher","id":7,"display":"alice","pin":"p","token":"t"})");
    ck_assert(!join.subscriber);
    ck_assert(join.room.is_number());
    ck_assert(same(join.room.text(), "1234"));
    ck_assert(same(join.id->text(), "7"));
    ck_assert(same(*join.publish.display, "alice"));
    ck_assert(same(join.pin + join.token, "pt"));
    ck_assert(read<Join>(R"({"request":"joinandconfigure","room":"demo","bitrate":5})").publish.bitrate ==
              5U);
}
END_TEST

START_TEST(a_subscriber_joins_with_what_it_wants) {
    const auto join = read<Join>(
        R"({"request":"join","ptype":"subscriber","room":"demo","use_msid":true,"private_id":null,)"
        R"("streams":[{"feed":7,"mid":"1","substream":0,"crossrefid":"x"},{"feed":"bob"}]})");
    ck_assert(join.subscriber && join.use_msid && join.autoupdate && !join.private_id);
    ck_assert_uint_eq(join.streams.size(), 2);
    ck_assert(join.streams[0].substream == 0);
    ck_assert(same(*join.streams[0].mid, "1"));
    ck_assert(!join.streams[1].mid);
    const auto legacy =
        read<Join>(R"({"request":"join","ptype":"listener","room":1,"feed":7,"offer_video":false})");
    ck_assert(legacy.feed && legacy.audio && !legacy.video);
    ck_assert_int_eq(code(R"({"request":"join","ptype":"subscriber","room":1})"), 429);
    ck_assert_int_eq(code(R"({"request":"join","ptype":"subscriber","room":1,"streams":[{"mid":"1"}]})"),
                     429);
    ck_assert_int_eq(code(R"({"request":"join","ptype":"subscriber","room":1,"streams":[7]})"), 430);
}
END_TEST

START_TEST(what_has_the_wrong_type_or_value_is_430) {
    for (const char* wrong : {"null", "-1", "1.5", "true", "[]", R"("")", "9007199254740993"})
        ck_assert_int_eq(code(std::string{R"({"request":"join","ptype":"publisher","room":)"} + wrong + "}"),
                         430);
    ck_assert_int_eq(code(R"({"request":"join","ptype":"guest","room":1})"), 430);
    ck_assert_int_eq(code(R"({"request":"configure","bitrate":"many"})"), 430);
    ck_assert_int_eq(code(R"({"request":"configure","substream":3})"), 430);
    ck_assert_int_eq(code(R"({"request":"publish","metadata":[]})"), 430);
    ck_assert_int_eq(code(R"({"request":"publish","metadata":{"x":")" + std::string(5000, 'x') + "\"}}"),
                     430);
}
END_TEST

START_TEST(configure_serves_publishers_and_subscribers) {
    const auto flat = read<Configure>(R"({"request":"configure","mid":"2","substream":1,"bitrate":64000})");
    ck_assert_uint_eq(flat.streams.size(), 1);
    ck_assert(same(*flat.streams[0].mid, "2"));
    ck_assert(flat.streams[0].substream == 1);
    ck_assert(flat.publish.bitrate == 64000U);
    const auto listed = read<Configure>(
        R"({"request":"configure","streams":[{"mid":"0","send":false},{"mid":"1","keyframe":true}]})");
    ck_assert_uint_eq(listed.publish.streams.size(), 2);
    ck_assert(listed.publish.streams[0].send == false && listed.publish.streams[1].keyframe);
}
END_TEST

START_TEST(an_update_must_change_something) {
    ck_assert_int_eq(code(R"({"request":"update"})"), 429);
    ck_assert_int_eq(code(R"({"request":"subscribe","streams":[]})"), 429);
    ck_assert_int_eq(code(R"({"request":"unsubscribe","streams":[{"mid":"1"}]})"), 429);
    const auto update = read<Update>(
        R"({"request":"update","subscribe":[{"feed":1}],"unsubscribe":[{"feed":2,"mid":"0"},{"sub_mid":"3"}]})");
    ck_assert_uint_eq(update.subscribe.size(), 1);
    ck_assert_uint_eq(update.unsubscribe.size(), 2);
    ck_assert_int_eq(code(R"({"request":"switch","streams":[{"feed":1,"mid":"0"}]})"), 429);
    ck_assert_int_eq(code(R"({"request":"switch","feed":1})"), 0);
}
END_TEST

START_TEST(a_room_is_created_with_its_settings) {
    const auto create = administer<Create>(
        R"({"request":"create","room":5,"publishers":"6","videocodec":"vp9, h264","secret":"s","allowed":["a"],)"
        R"("federated":true,"audio_level_averge":30})");
    ck_assert_uint_eq(create.settings.publishers, 6);
    ck_assert(create.settings.videocodec == (std::vector<std::string>{"vp9", "h264"}));
    ck_assert(create.settings.federated);
    ck_assert_uint_eq(create.settings.audio_level_average, 30);
    ck_assert_uint_eq(create.allowed->size(), 1);
    ck_assert_int_eq(admin_code(R"({"request":"create","videocodec":"theora"})"), 430);
    ck_assert_int_eq(admin_code(R"({"request":"create","allowed":[1]})"), 430);
}
END_TEST

START_TEST(who_administers_names_the_room) {
    for (const char* request :
         {"edit", "destroy", "exists", "listparticipants", "allowed", "kick", "moderate", "enable_recording",
          "rtp_forward", "stop_rtp_forward", "listforwarders"})
        ck_assert_int_eq(admin_code(std::string{R"({"request":")"} + request + "\"}"), 429);
    ck_assert_int_eq(admin_code(R"({"request":"allowed","room":1,"action":"perhaps"})"), 430);
    ck_assert_int_eq(admin_code(R"({"request":"allowed","room":1,"action":"add"})"), 429);
    ck_assert_int_eq(admin_code(R"({"request":"edit","room":1,"new_publishers":-1})"), 430);
    administer<Remote>(R"({"request":"add_remote_publisher"})");
}
END_TEST

START_TEST(forwarding_names_a_port_for_each_stream) {
    const auto forward = administer<Forward>(
        R"({"request":"rtp_forward","room":1,"publisher_id":2,"host":"127.0.0.1","streams":[)"
        R"({"mid":"1","port":5000,"ssrc":9,"port_2":5002,"pt_2":96,"port_3":5004}]})");
    ck_assert_uint_eq(forward.streams[0].to.size(), 3);
    ck_assert(forward.streams[0].to[1].payload_type == 96);
    ck_assert(same(forward.streams[0].host, "127.0.0.1"));
    ck_assert_int_eq(
        admin_code(R"({"request":"rtp_forward","room":1,"publisher_id":2,"streams":[{"mid":"1","port":5}]})"),
        429);
    ck_assert_int_eq(
        admin_code(
            R"({"request":"rtp_forward","room":1,"publisher_id":2,"host":"x","streams":[{"mid":"1"}]})"),
        429);
}
END_TEST

}  // namespace

int main() {
    return run_suite("videoroom_request",
                     {a_message_is_an_object_with_a_known_request, a_publisher_joins_with_what_it_is_called,
                      a_subscriber_joins_with_what_it_wants, what_has_the_wrong_type_or_value_is_430,
                      configure_serves_publishers_and_subscribers, an_update_must_change_something,
                      a_room_is_created_with_its_settings, who_administers_names_the_room,
                      forwarding_names_a_port_for_each_stream});
}
