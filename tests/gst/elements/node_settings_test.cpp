// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/elements/node_settings.h"

#include "tests/check.h"

using elements::NodePlan;
using elements::NodeSettings;

namespace {

NodeSettings with(const char* bootstrap, const char* listen = "", const char* federation = "public") {
    NodeSettings settings;
    settings.bootstrap = bootstrap;
    settings.listen_address = listen;
    settings.federation = federation;
    return settings;
}

START_TEST(the_defaults_listen_everywhere) {
    const auto plan = NodePlan::make({});
    ck_assert(plan.has_value());
    ck_assert(plan->listen.dht.host() == "0.0.0.0");
    ck_assert_int_eq(plan->listen.signalling.port, 0);
    ck_assert(plan->contacts.empty());
}
END_TEST

START_TEST(several_nodes_to_begin_with_stand_between_commas) {
    const auto plan = NodePlan::make(with("127.0.0.1:7000,[::1]:7001"));
    ck_assert_int_eq(static_cast<int>(plan->contacts.size()), 2);
}
END_TEST

START_TEST(an_address_listens_with_or_without_a_port) {
    for (const char* text : {"127.0.0.1", "127.0.0.1:0", "127.0.0.1:7000", "::1", "[::1]:7000"})
        ck_assert_msg(NodePlan::make(with("", text)).has_value(), "%s", text);
    ck_assert_int_eq(NodePlan::make(with("", "127.0.0.1:7000"))->listen.dht.port, 7000);
}
END_TEST

START_TEST(what_is_wrong_is_named_with_what_would_be_right) {
    ck_assert(NodePlan::make(with("example.org:1")).error().what.find("ADDRESS:PORT") != std::string::npos);
    ck_assert(NodePlan::make(with("", "nowhere")).error().what.find("listen-address") != std::string::npos);
    ck_assert(NodePlan::make(with("", "", "")).error().what.find("federation") != std::string::npos);
}
END_TEST

START_TEST(a_closed_federation_wants_an_identity) {
    const std::string closed = "acme@" + std::string(64, 'a');
    auto settings = with("", "", closed.c_str());
    ck_assert(!NodePlan::make(settings).has_value());
    settings.identity_file = "key";
    ck_assert(NodePlan::make(settings).has_value());
}
END_TEST

START_TEST(one_identity_is_one_node_by_whatever_path) {
    NodeSettings one, other;
    one.identity_file = "a/key";
    other.identity_file = "./a/../a/key";
    ck_assert(one.key() == other.key().c_str());
}
END_TEST

START_TEST(without_an_identity_the_settings_tell_nodes_apart) {
    ck_assert(with("127.0.0.1:1").key() == with("127.0.0.1:1").key().c_str());
    ck_assert(with("127.0.0.1:1").key() != with("127.0.0.1:2").key().c_str());
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "node_settings",
        {the_defaults_listen_everywhere, several_nodes_to_begin_with_stand_between_commas,
         an_address_listens_with_or_without_a_port, what_is_wrong_is_named_with_what_would_be_right,
         a_closed_federation_wants_an_identity, one_identity_is_one_node_by_whatever_path,
         without_an_identity_the_settings_tell_nodes_apart});
}
