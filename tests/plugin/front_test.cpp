// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/front.h"

#include "plugin/json.h"
#include "tests/check.h"
#include "tests/plugin/fakes.h"

using plugin::Front;
using plugin::Json;
using plugin::load;
using tests::Lines;
using tests::same;

namespace {

/// Writes down what it is told.
class Spoken final : public plugin::Conversation, public plugin::MediaPort {
public:
    Spoken(std::string api, Lines& lines) : api_(std::move(api)), lines_(lines) {}

    void handle(const std::string& transaction, const Json& message, const Json& /*jsep*/) override {
        const char* request = json_string_value(json_object_get(message.get(), "request"));
        write(transaction + " " + (request ? request : "?"));
    }
    [[nodiscard]] bool engaged() const override { return engaged_; }
    void media_up() override { write("media up"); }
    void media_gone() override { write("media gone"); }
    void slow_link(int mindex, bool /*video*/, bool /*uplink*/) override {
        write("slow link " + std::to_string(mindex));
    }
    void stop_media() override { write("stop media"); }
    void destroy() override { write("destroy"); }
    [[nodiscard]] Json info() const override { return Json{json_pack("{ss}", "api", api_.c_str())}; }
    plugin::MediaPort& media() override { return *this; }

    void incoming_rtp(janus_plugin_rtp& /*packet*/) override { write("rtp"); }
    void incoming_rtcp(const janus_plugin_rtcp& /*packet*/) override {}
    void incoming_data(const janus_plugin_data& /*message*/) override {}
    void data_ready() override {}
    void data_closed() override {}

    bool engaged_ = false;

private:
    void write(const std::string& what) { lines_.push_back(api_ + ": " + what); }
    std::string api_;
    Lines& lines_;
};

struct World {
    tests::FakeHandle handle;
    Lines lines;
    std::shared_ptr<Spoken> call, room, stream;
    Front::Apis apis{
        [this](const auto&, const auto&) { return call = std::make_shared<Spoken>("call", lines); },
        [this](const auto&, const auto&) { return room = std::make_shared<Spoken>("room", lines); },
        [this](const auto&, const auto&) { return stream = std::make_shared<Spoken>("stream", lines); },
        [](const json_t*, const Front::Answered& done) { done(Json{json_string("answer")}); }};
    std::shared_ptr<Front> front = std::make_shared<Front>(apis, &handle.session);

    void ask(const std::string& message) const { front->handle("t", load(message), nullptr); }
    [[nodiscard]] bool answers(const std::string& message) const {
        bool told = false;
        return front->answer(load(message), [&](const Json& answer) {
            told = json_is_string(answer.get());
        }) && told;
    }
};

START_TEST(the_first_request_says_which_api_it_is) {
    const World caller, attendee, neither;
    caller.ask(R"({"request":"register","username":"alice"})");
    attendee.ask(R"({"request":"JOIN"})");
    neither.ask(R"({"request":"dance"})");
    ck_assert(same(caller.lines, {"call: t register"}));
    ck_assert(same(attendee.lines, {"room: t JOIN"}));
    ck_assert(same(neither.lines, {"call: t dance"}));
}
END_TEST

START_TEST(who_is_in_a_room_speaks_of_rooms_only) {
    const World world;
    world.ask(R"({"request":"join"})");
    world.room->engaged_ = true;
    world.ask(R"({"request":"register"})");
    world.room->engaged_ = false;
    world.ask(R"({"request":"register"})");
    ck_assert(same(world.lines, {"room: t join", "room: t register", "call: t register"}));
}
END_TEST

START_TEST(who_is_registered_speaks_of_calls_only) {
    const World world;
    world.ask(R"({"request":"register"})");
    world.call->engaged_ = true;
    world.ask(R"({"request":"join"})");
    ck_assert(same(world.lines, {"call: t register", "call: t join"}));
}
END_TEST

START_TEST(who_watches_a_stream_speaks_of_that_only) {
    const World world;
    world.ask(R"({"request":"watch"})");
    world.stream->engaged_ = true;
    for (const char* request : {"start", "pause", "register", "join", "stop"})
        world.ask(std::string{R"({"request":")"} + request + "\"}");
    world.stream->engaged_ = false;
    world.ask(R"({"request":"start"})");
    world.room->engaged_ = true;
    world.ask(R"({"request":"watch"})");
    ck_assert(
        same(world.lines, {"stream: t watch", "stream: t start", "stream: t pause", "stream: t register",
                           "stream: t join", "stream: t stop", "room: t start", "room: t watch"}));
}
END_TEST

START_TEST(rooms_are_administered_at_once_whatever_the_handle_does) {
    const World world;
    ck_assert(world.answers(R"({"request":"create"})"));
    ck_assert(world.answers(R"({"request":"list"})"));
    ck_assert(!world.answers(R"({"request":"join"})"));
    ck_assert(!world.answers("{}"));
    ck_assert(!world.answers("[]"));
    world.ask(R"({"request":"register"})");
    world.call->engaged_ = true;
    ck_assert(world.answers(R"({"request":"exists"})"));
    ck_assert(!world.answers(R"({"request":"list"})"));
}
END_TEST

START_TEST(a_look_up_is_of_a_room_when_it_names_one) {
    const World world;
    world.ask(R"({"request":"lookup","username":"bob"})");
    world.ask(R"({"request":"lookup","room":1234})");
    ck_assert(same(world.lines, {"call: t lookup", "room: t lookup"}));
}
END_TEST

START_TEST(media_goes_to_whom_the_handle_talks_to) {
    const World world;
    ck_assert_ptr_null(world.front->media());
    world.front->media_gone();
    world.ask(R"({"request":"join"})");
    janus_plugin_rtp packet{};
    world.front->media()->incoming_rtp(packet);
    world.front->media_up();
    world.front->slow_link(1, true, false);
    world.front->media_gone();
    ck_assert(same(world.lines,
                   {"room: t join", "room: rtp", "room: media up", "room: slow link 1", "room: media gone"}));
    ck_assert(same(plugin::dump(world.front->info().get()), R"({"api":"room"})"));
}
END_TEST

START_TEST(nothing_is_handled_after_the_end) {
    World world;
    world.ask(R"({"request":"join"})");
    world.ask(R"({"request":"register"})");
    world.front->stop_media();
    world.front->destroy();
    world.ask(R"({"request":"join"})");
    ck_assert(same(world.lines, {"room: t join", "call: t register", "call: stop media", "room: stop media",
                                 "call: destroy", "room: destroy"}));
    world.front.reset();
    ck_assert(world.handle.released());
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "front",
        {the_first_request_says_which_api_it_is, who_is_in_a_room_speaks_of_rooms_only,
         who_is_registered_speaks_of_calls_only, who_watches_a_stream_speaks_of_that_only,
         rooms_are_administered_at_once_whatever_the_handle_does, a_look_up_is_of_a_room_when_it_names_one,
         media_goes_to_whom_the_handle_talks_to, nothing_is_handled_after_the_end});
}
