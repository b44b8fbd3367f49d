// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/metrics.h"

#include <algorithm>
#include <set>
#include <sstream>

#include "tests/check.h"
#include "tests/plugin/same.h"

using namespace std::chrono_literals;
using federation::Reason;
using plugin::Exposition;
using plugin::Metrics;
using tests::Lines;
using tests::same;

namespace {

Lines lines_with(const std::string& text, const std::string& beginning) {
    Lines lines;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);)
        if (line.starts_with(beginning)) lines.push_back(line);
    return lines;
}

START_TEST(a_family_has_its_help_its_type_and_its_samples) {
    Exposition out;
    out.family("a_total", "counter", "Of something.");
    out.sample(3);
    out.sample(0.5, {{"x", "y"}, {"z", "1"}});
    ck_assert(same(out.text(),
                   "# HELP a_total Of something.\n# TYPE a_total counter\na_total 3\n"
                   "a_total{x=\"y\",z=\"1\"} 0.5\n"));
}
END_TEST

START_TEST(a_label_may_hold_anything) {
    Exposition out;
    out.family("a", "gauge", "b");
    out.sample(1, {{"x", "q\"b\\n\n"}});
    ck_assert(same(lines_with(out.text(), "a{"), {R"(a{x="q\"b\\n\n"} 1)"}));
}
END_TEST

START_TEST(calls_are_counted_by_reason_and_direction) {
    Metrics metrics;
    metrics.call_ended(true, Reason::busy);
    metrics.call_ended(true, Reason::busy);
    metrics.call_ended(false, Reason::hangup);
    ck_assert(same(lines_with(metrics.text({}), "viaduct_calls_total"),
                   {R"(viaduct_calls_total{direction="incoming",reason="hangup"} 1)",
                    R"(viaduct_calls_total{direction="outgoing",reason="busy"} 2)"}));
}
END_TEST

START_TEST(the_buckets_of_the_set_up_time_add_up) {
    Metrics metrics;
    for (const auto setup : {500us, 30'000us, 30'000us, 60'000'000us}) metrics.call_rings(setup);
    const auto lines = lines_with(metrics.text({}), "viaduct_call_setup_seconds");
    const auto has = [&](const char* line) { return std::ranges::find(lines, line) != lines.end(); };
    ck_assert(has(R"(viaduct_call_setup_seconds_bucket{le="0.001"} 1)"));
    ck_assert(has(R"(viaduct_call_setup_seconds_bucket{le="0.025"} 1)"));
    ck_assert(has(R"(viaduct_call_setup_seconds_bucket{le="0.05"} 3)"));
    ck_assert(has(R"(viaduct_call_setup_seconds_bucket{le="10"} 3)"));
    ck_assert(has(R"(viaduct_call_setup_seconds_bucket{le="+Inf"} 4)"));
    ck_assert(has("viaduct_call_setup_seconds_count 4"));
    ck_assert(has("viaduct_call_setup_seconds_sum 60.0605"));
}
END_TEST

START_TEST(registrations_links_and_trunks_are_counted) {
    Metrics metrics;
    metrics.user_registered();
    metrics.user_refused(Reason::name_taken);
    metrics.link_opened();
    metrics.link_opened();
    metrics.link_closed(Reason::server_unreachable);
    metrics.trunk_up();
    metrics.trunk_failed(Reason::trunk_failed);
    const std::string text = metrics.text({});
    ck_assert(same(lines_with(text, "viaduct_registrations_total"),
                   {R"(viaduct_registrations_total{result="registered"} 1)",
                    R"(viaduct_registrations_total{result="name-taken"} 1)"}));
    ck_assert(same(lines_with(text, "viaduct_signalling_links"),
                   {"viaduct_signalling_links 1", "viaduct_signalling_links_opened_total 2",
                    R"(viaduct_signalling_links_lost_total{reason="server-unreachable"} 1)"}));
    ck_assert(same(lines_with(text, "viaduct_trunks_"),
                   {"viaduct_trunks_up_total 1", R"(viaduct_trunks_failed_total{reason="trunk-failed"} 1)"}));
}
END_TEST

START_TEST(the_present_is_told_by_gauges) {
    Metrics::Now now;
    now.version = "1.2.3";
    now.contacts = 12;
    now.clock_ahead = std::chrono::seconds{-600};
    now.clocks_wrong = 1;
    gst::TrunkStats trunk;
    trunk.peer = *dht::NodeId::from_hex("ab00000000000000000000000000000000000000");
    trunk.state = "up";
    trunk.rtt_ms = 2.5;
    trunk.packets_sent = 7;
    now.trunks = {trunk};
    const std::string text = Metrics{}.text(now);
    ck_assert(same(lines_with(text, "viaduct_build_info"), {R"(viaduct_build_info{version="1.2.3"} 1)"}));
    ck_assert(same(lines_with(text, "viaduct_dht_contacts"), {"viaduct_dht_contacts 12"}));
    ck_assert(same(lines_with(text, "viaduct_clock"),
                   {"viaduct_clock_ahead_seconds -600", "viaduct_clocks_wrong 1"}));
    ck_assert(same(lines_with(text, "viaduct_trunks{"),
                   {R"(viaduct_trunks{state="connecting"} 0)", R"(viaduct_trunks{state="lost"} 0)",
                    R"(viaduct_trunks{state="up"} 1)"}));
    ck_assert(same(lines_with(text, "viaduct_trunk_rtt_seconds"),
                   {R"(viaduct_trunk_rtt_seconds{peer="ab00000000000000000000000000000000000000"} 0.0025)"}));
}
END_TEST

START_TEST(rooms_are_told_by_where_people_are) {
    Metrics::Now now;
    now.rooms = {.local_rooms = 1,
                 .federated_rooms = 2,
                 .members_here = 3,
                 .members_elsewhere = 4,
                 .feeds_here = 5,
                 .feeds_elsewhere = 6,
                 .subscribers = 7};
    now.feeds_in = 8;
    now.feeds_out = 9;
    now.draining = true;
    const std::string text = Metrics{}.text(now);
    ck_assert(same(lines_with(text, "viaduct_room"),
                   {R"(viaduct_rooms{kind="local"} 1)", R"(viaduct_rooms{kind="federated"} 2)",
                    R"(viaduct_room_members{where="here"} 3)", R"(viaduct_room_members{where="elsewhere"} 4)",
                    R"(viaduct_room_feeds{where="here"} 5)", R"(viaduct_room_feeds{where="elsewhere"} 6)",
                    "viaduct_room_subscribers 7", R"(viaduct_room_feed_crossings{direction="in"} 8)",
                    R"(viaduct_room_feed_crossings{direction="out"} 9)"}));
    ck_assert(same(lines_with(text, "viaduct_draining"), {"viaduct_draining 1"}));
}
END_TEST

START_TEST(every_family_stands_once_and_counters_end_in_total) {
    std::set<std::string> families;
    for (const auto& line : lines_with(Metrics{}.text({}), "# TYPE ")) {
        std::istringstream words{line.substr(7)};
        std::string name, type;
        words >> name >> type;
        ck_assert(families.insert(name).second);
        ck_assert_int_eq(type == "counter", name.ends_with("_total"));
        ck_assert(name.starts_with("viaduct_"));
    }
    ck_assert_uint_gt(families.size(), 10);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "metrics", {a_family_has_its_help_its_type_and_its_samples, a_label_may_hold_anything,
                    calls_are_counted_by_reason_and_direction, the_buckets_of_the_set_up_time_add_up,
                    registrations_links_and_trunks_are_counted, the_present_is_told_by_gauges,
                    rooms_are_told_by_where_people_are, every_family_stands_once_and_counters_end_in_total});
}
