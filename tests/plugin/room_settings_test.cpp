// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/room_settings.h"

#include "plugin/json.h"
#include "tests/check.h"
#include "tests/plugin/same.h"

using namespace plugin;
using tests::same;

namespace {

START_TEST(a_section_of_the_configuration_is_read_by_the_kinds_of_its_keys) {
    const auto read = settings_from({{"description", "true"},
                                     {"publishers", "6"},
                                     {"is_private", "yes"},
                                     {"audiocodec", "opus,pcmu"},
                                     {"pin", "123"}});
    const auto& settings = std::get<RoomSettings>(read);
    ck_assert(same(settings.description, "true"));
    ck_assert(same(settings.pin, "123"));
    ck_assert_uint_eq(settings.publishers, 6);
    ck_assert(settings.is_private);
    ck_assert_uint_eq(settings.audiocodec.size(), 2);
}
END_TEST

START_TEST(what_is_wrong_in_a_section_is_named) {
    const auto why = [](const std::string& key, const std::string& text) {
        return std::get<std::string>(settings_from({{key, text}}));
    };
    ck_assert(why("publisher", "6").find("publisher") != std::string::npos);
    ck_assert(why("publishers", "six").find("publishers") != std::string::npos);
    ck_assert(why("record", "maybe").find("record") != std::string::npos);
    ck_assert(why("videocodec", "theora").find("videocodec") != std::string::npos);
}
END_TEST

START_TEST(a_list_tells_neither_pin_nor_secret) {
    RoomSettings settings;
    settings.pin = "hush";
    settings.secret = "sesame";
    const auto text = dump(to_json(settings).get());
    ck_assert(text.find("hush") == std::string::npos && text.find("sesame") == std::string::npos);
    ck_assert(text.find(R"("pin_required":true)") != std::string::npos);
    ck_assert(text.find(R"("max_publishers":3)") != std::string::npos);
    ck_assert(text.find(R"("audiocodec":"opus")") != std::string::npos);
}
END_TEST

START_TEST(only_what_may_be_edited_is) {
    RoomSettings settings;
    const Json changes = load(R"({"new_description":"x","new_videocodec":"h264","new_publishers":9})");
    ElementReader reader{changes.get()};
    read_settings(reader, settings, "new_");
    ck_assert(same(settings.description, "x"));
    ck_assert_uint_eq(settings.publishers, 9);
    ck_assert(settings.videocodec == std::vector<std::string>{"vp8"});
}
END_TEST

START_TEST(rules_travel_without_what_is_usual_or_secret) {
    RoomSettings settings;
    settings.pin = "hush";
    settings.secret = "sesame";
    settings.videocodec = {"vp9"};
    settings.bitrate = 128'000;
    settings.rec_dir = "/secret/place";
    const auto rules = rules_of(settings);
    ck_assert(same(rules, R"({"bitrate":128000,"videocodec":"vp9"})"));
    RoomSettings elsewhere;
    apply_rules(rules, elsewhere);
    ck_assert(elsewhere.videocodec == settings.videocodec);
    ck_assert_uint_eq(elsewhere.bitrate, 128'000);
    for (const char* hostile : {"", "[]", R"({"bitrate":-1})", R"({"rec_dir":"/etc","record":true})"}) {
        RoomSettings untouched;
        apply_rules(hostile, untouched);
        ck_assert(untouched == RoomSettings{});
    }
}
END_TEST

}  // namespace

int main() {
    return run_suite("room_settings",
                     {a_section_of_the_configuration_is_read_by_the_kinds_of_its_keys,
                      what_is_wrong_in_a_section_is_named, a_list_tells_neither_pin_nor_secret,
                      only_what_may_be_edited_is, rules_travel_without_what_is_usual_or_secret});
}
