// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/config.h"

#include <fstream>
#include <iterator>

#include "dht/limits.h"
#include "federation/caps.h"
#include "tests/check.h"
#include "tests/plugin/same.h"

using namespace std::chrono_literals;
using plugin::Config;
using plugin::ConfigError;
using plugin::read_config;
using tests::same;

namespace {

using Values = std::map<std::string, std::string>;

std::string complaint(const std::string& key, const std::string& text) {
    try {
        read_config({{key, text}});
    } catch (const ConfigError& error) {
        return error.what();
    }
    return "";
}

bool refused(const std::string& key, const std::string& text) {
    const std::string said = complaint(key, text);
    return said.find("general." + key + " = \"" + text + "\" is not valid: ") == 0 &&
           said.find(" accepted") != std::string::npos;
}

START_TEST(an_empty_file_gives_the_defaults) {
    const Config config = read_config({});
    ck_assert(same(config.federation.text(), "public"));
    ck_assert(same(config.listen.to_string(), "0.0.0.0:7773"));
    ck_assert(same(config.signalling.to_string(), "0.0.0.0:7773"));
    ck_assert(config.bootstrap.empty());
    ck_assert(config.trunk_addresses.empty());
    ck_assert(config.advertise.empty());
    ck_assert(config.record_lifetime == 120s);
    ck_assert(config.events);
}
END_TEST

START_TEST(every_key_is_read) {
    const Config config = read_config({{"identity_file", "/tmp/key"},
                                       {"contacts_file", "/tmp/contacts"},
                                       {"federation", "house"},
                                       {"certificate_file", "/tmp/certificate"},
                                       {"listen", "192.0.2.1:1"},
                                       {"signalling", "[2001:db8::1]:2"},
                                       {"advertise", "192.0.2.9"},
                                       {"bootstrap", "192.0.2.2:3, [2001:db8::2]:4"},
                                       {"trunk_addresses", "192.0.2.3 ,2001:db8::3"},
                                       {"record_lifetime", "10"},
                                       {"ring_timeout", "5"},
                                       {"trunk_idle", "0"},
                                       {"metrics", "127.0.0.1:9773"},
                                       {"recordings_folder", "/tmp/recordings"},
                                       {"events", "no"}},
                                      {{"exempt_private", "false"},
                                       {"contacts_per_subnet", "3"},
                                       {"lookup_contacts_per_subnet", "6"},
                                       {"disjoint_paths", "2"},
                                       {"queries_per_second", "0"},
                                       {"token_lifetime", "600"},
                                       {"records_max", "1000"},
                                       {"records_per_subnet", "500"}});
    ck_assert(same(config.identity_file, "/tmp/key"));
    ck_assert(same(config.contacts_file, "/tmp/contacts"));
    ck_assert(same(config.federation.text(), "house"));
    ck_assert(same(config.listen.to_string(), "192.0.2.1:1"));
    ck_assert(same(config.signalling.to_string(), "[2001:db8::1]:2"));
    ck_assert(same(config.advertise, "192.0.2.9"));
    ck_assert_uint_eq(config.bootstrap.size(), 2);
    ck_assert(same(config.bootstrap[1].to_string(), "[2001:db8::2]:4"));
    ck_assert((config.trunk_addresses == std::vector<std::string>{"192.0.2.3", "2001:db8::3"}));
    ck_assert(config.record_lifetime == 10s);
    ck_assert(config.ring_timeout == 5s);
    ck_assert(config.trunk_idle == 0s);
    ck_assert(!config.node.exempt_private);
    ck_assert_uint_eq(config.node.per_subnet_in_bucket, 3);
    ck_assert_uint_eq(config.node.per_subnet_in_lookup, 6);
    ck_assert_uint_eq(config.node.disjoint_paths, 2);
    ck_assert_uint_eq(config.node.queries_per_second, 0);
    ck_assert(config.node.token_lifetime == 10min);
    ck_assert_uint_eq(config.node.records.records_max, 1000);
    ck_assert_uint_eq(config.node.records.per_subnet_max, 500);
    ck_assert(!config.events);
    ck_assert(same(config.metrics->to_string(), "127.0.0.1:9773"));
    ck_assert(same(config.recordings_folder, "/tmp/recordings"));
}
END_TEST

START_TEST(figures_and_a_folder_of_recordings_are_left_out_when_empty) {
    const Config config = read_config({{"metrics", ""}, {"recordings_folder", ""}});
    ck_assert(!config.metrics.has_value());
    ck_assert(config.recordings_folder.empty());
    ck_assert(refused("metrics", "9773"));
}
END_TEST

START_TEST(an_unknown_key_is_named_with_the_known_ones) {
    const std::string said = complaint("bootsrap", "192.0.2.1:1");
    ck_assert(said.find("general.bootsrap") == 0);
    ck_assert(said.find("no such key") != std::string::npos);
    ck_assert(said.find("bootstrap,") != std::string::npos);
}
END_TEST

START_TEST(an_address_needs_a_number_and_a_port) {
    for (const char* text :
         {"", "host.example:1", "192.0.2.1", "192.0.2.1:0", "192.0.2.1:65536", "2001:db8::1:5"}) {
        ck_assert(refused("listen", text));
        ck_assert(refused("signalling", text));
    }
    ck_assert(refused("advertise", "192.0.2.1:5"));
    ck_assert(refused("advertise", "host.example"));
}
END_TEST

START_TEST(an_advertised_address_may_be_left_empty) {
    ck_assert(read_config({{"advertise", ""}}).advertise.empty());
}
END_TEST

START_TEST(one_wrong_item_of_a_list_is_quoted_alone) {
    const std::string said = complaint("bootstrap", "192.0.2.1:1, nonsense");
    ck_assert(said.find("\"nonsense\"") != std::string::npos);
    ck_assert(refused("trunk_addresses", "eth0"));
    ck_assert(complaint("bootstrap", "192.0.2.1:1,,192.0.2.2:1").find("\"\"") != std::string::npos);
}
END_TEST

START_TEST(an_empty_list_has_nothing_in_it) {
    ck_assert(read_config({{"bootstrap", ""}}).bootstrap.empty());
    ck_assert(read_config({{"trunk_addresses", ""}}).trunk_addresses.empty());
}
END_TEST

START_TEST(seconds_have_limits) {
    for (const char* text : {"", "9", "3601", "-1", "60s", "1e2", " 60", "99999999999999999999"})
        ck_assert(refused("record_lifetime", text));
    ck_assert(refused("ring_timeout", "0"));
    ck_assert(refused("trunk_idle", "-1"));
    ck_assert(read_config({{"record_lifetime", "3600"}}).record_lifetime == 3600s);
}
END_TEST

bool limit_refused(const std::string& key, const std::string& text) {
    try {
        read_config({}, {{key, text}});
    } catch (const ConfigError& error) {
        const std::string said = error.what();
        return said.find("limits." + key + " = \"" + text + "\" is not valid: ") == 0 &&
               said.find(" accepted") != std::string::npos;
    }
    return false;
}

/// `get` finds it in the configuration.
template <class Limit, class Get>
void try_limit(const Limit& limit, Get get) {
    for (const auto value : {limit.least, limit.most})
        ck_assert_uint_eq(get(read_config({}, {{limit.name, std::to_string(value)}})), value);
    ck_assert(limit_refused(limit.name, std::to_string(limit.most + 1)));
    if (limit.least > 0) ck_assert(limit_refused(limit.name, std::to_string(limit.least - 1)));
    for (const char* text : {"", "-1", "two", "2.5", "99999999999999999999"})
        ck_assert(limit_refused(limit.name, text));
}

START_TEST(limits_have_limits) {
    for (const auto& limit : dht::limits())
        try_limit(limit, [&](const Config& config) { return limit.get(config.node); });
    for (const auto& limit : federation::caps())
        try_limit(limit, [&](const Config& config) { return limit.get(config.caps); });
    ck_assert(limit_refused("exempt_private", "maybe"));
    ck_assert_uint_eq(read_config({}, {{"members_max", "5"}}).rooms.members_max, 5);
    ck_assert(limit_refused("members_max", "0") && limit_refused("members_max", "1000001"));
}
END_TEST

START_TEST(a_key_in_the_wrong_section_is_told_so) {
    ck_assert(complaint("records_max", "1").find("in the other section") != std::string::npos);
    ck_assert(limit_refused("bootstrap", "192.0.2.1:1"));
    ck_assert(limit_refused("records_mac", "1"));
}
END_TEST

START_TEST(the_sample_shows_every_limit_with_its_default) {
    std::ifstream file{SAMPLE_FILE};
    const std::string sample{std::istreambuf_iterator<char>{file}, {}};
    const auto limits = sample.find("\nlimits: {");
    ck_assert(limits != std::string::npos);
    const auto shown = [&](const auto& limit) {
        const auto line = std::string{"\n\t#"} + limit.name + " = " + std::to_string(limit.get({})) + "\n";
        ck_assert_msg(sample.find(line, limits) != std::string::npos, "%s", line.c_str());
    };
    for (const auto& limit : dht::limits()) shown(limit);
    for (const auto& limit : federation::caps()) shown(limit);
    const auto members = "\n\t#members_max = " + std::to_string(Config{}.rooms.members_max) + "\n";
    ck_assert(sample.find(members, limits) != std::string::npos);
}
END_TEST

START_TEST(a_switch_knows_several_words) {
    for (const char* text : {"true", "YES", "1", "on"}) ck_assert(read_config({{"events", text}}).events);
    for (const char* text : {"false", "No", "0", "off"}) ck_assert(!read_config({{"events", text}}).events);
    for (const char* text : {"", "2", "maybe"}) ck_assert(refused("events", text));
}
END_TEST

START_TEST(a_text_is_neither_empty_nor_endless) {
    ck_assert(refused("federation", ""));
    ck_assert(refused("federation", std::string(65, 'x')));
    ck_assert(refused("identity_file", ""));
    ck_assert_uint_eq(read_config({{"federation", std::string(64, 'x')}}).federation.name.size(), 64);
}
END_TEST

}  // namespace

int main() {
    return run_suite("config",
                     {an_empty_file_gives_the_defaults, every_key_is_read,
                      figures_and_a_folder_of_recordings_are_left_out_when_empty,
                      an_unknown_key_is_named_with_the_known_ones, an_address_needs_a_number_and_a_port,
                      an_advertised_address_may_be_left_empty, one_wrong_item_of_a_list_is_quoted_alone,
                      an_empty_list_has_nothing_in_it, seconds_have_limits, limits_have_limits,
                      a_key_in_the_wrong_section_is_told_so, the_sample_shows_every_limit_with_its_default,
                      a_switch_knows_several_words, a_text_is_neither_empty_nor_endless});
}
