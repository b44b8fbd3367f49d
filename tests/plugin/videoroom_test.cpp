// SPDX-License-Identifier: GPL-3.0-or-later
/// The VideoRoom API as clients see it, with rooms and feeds as they are, and no browser.
#include "plugin/videoroom.h"

#include "tests/check.h"
#include "tests/plugin/fakes.h"

using namespace plugin;
using tests::Lines;
using tests::same;

namespace {

class Host final : public RoomHost {
public:
    void post_to_loop(std::function<void()> task) override { task(); }
    void run_later(std::chrono::milliseconds /*delay*/, std::function<void()> task) override {
        later = std::move(task);
    }
    std::uint64_t chance() override { return number_ += std::uint64_t{1} << 34U; }
    [[nodiscard]] bool signs_tokens() const override { return signs; }
    [[nodiscard]] bool is_signed(const std::string& token, const std::string& descriptor) const override {
        return token == "signed " + descriptor;
    }
    std::shared_ptr<Recording> record_feed(const std::string& base, const std::vector<MLine>& mlines,
                                           bool encrypted) override {
        return std::make_shared<Recording>(disk, base, mlines, encrypted);
    }
    Outbox disk;
    std::function<void()> later;
    bool signs = true;

private:
    std::uint64_t number_ = 0;
};

const std::string sdp =
    "v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\nt=0 0\\r\\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\na=mid:0\\r\\na=rtpmap:111 opus/48000/2\\r\\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\\r\\na=mid:1\\r\\na=rtpmap:96 VP8/90000\\r\\n";
const std::string offer = R"({"type":"offer","sdp":")" + sdp + "\"}";
const std::string answer = R"({"type":"answer","sdp":")" + sdp + "\"}";

/// One handle.
struct Client {
    tests::FakeHandle handle;
    tests::FakeGateway gateway;
    Outbox outbox;
    std::shared_ptr<VideoRoom> room;

    explicit Client(Rooms& rooms)
        : room(std::make_shared<VideoRoom>(rooms, gateway, outbox, std::make_shared<Handle>(&handle.session),
                                           Outbox::make_queue())) {}
    ~Client() {
        if (room) room->destroy();
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    void ask(const std::string& message, const std::string& jsep = "") const {
        room->handle("t", load(message), load(jsep));
    }
    Lines finish() {
        outbox.stop();
        return gateway.lines();
    }
};

struct World {
    Host host;
    Rooms rooms{host,
                {.rooms = {{"1", {.description = "one", .publishers = 1, .notify_joining = true}},
                           {"locked", {.secret = "sesame", .pin = "open", .require_pvtid = true}}}}};

    std::string administer(const std::string& message) {
        return tests::describe(rooms.administer(load(message).get()).get());
    }
};

START_TEST(joining_tells_who_is_there_and_tells_those) {
    World world;
    Client alice{world.rooms}, bob{world.rooms};
    alice.ask(R"({"request":"join","ptype":"publisher","room":1,"id":7,"display":"alice"})");
    bob.ask(R"({"request":"join","ptype":"publisher","room":"1","id":8})");
    ck_assert(alice.room->engaged());
    bob.ask(R"({"request":"leave"})");
    ck_assert(!bob.room->engaged());
    ck_assert(
        same(alice.finish(), {"t joined room=1 description=one id=7 private_id=4 publishers=[] attendees=[]",
                              R"(- event room=1 joining={"id":8})", "- event room=1 leaving=8"}));
    ck_assert(same(bob.finish().back(), "t event room=1 leaving=ok"));
}
END_TEST

START_TEST(what_cannot_be_is_refused_with_videorooms_codes) {
    World world;
    Client alice{world.rooms}, bob{world.rooms};
    bob.ask(R"({"request":"join","ptype":"publisher","room":1,"id":8})");
    bob.ask(R"({"request":"publish"})", offer);
    for (const char* request :
         {R"({"request":"publish"})", R"({"request":"join","ptype":"publisher","room":2})",
          R"({"request":"join","ptype":"publisher","room":"locked"})",
          R"({"request":"join","ptype":"publisher","room":1,"id":8})",
          R"({"request":"join","ptype":"subscriber","room":1,"feed":9})",
          R"({"request":"join","ptype":"subscriber","room":"locked","feed":9,"pin":"open"})",
          R"({"request":"join","ptype":"publisher","room":1})",
          R"({"request":"join","ptype":"publisher","room":1})", R"({"request":"start"})",
          R"({"request":"unpublish"})"})
        alice.ask(request);
    alice.ask(R"({"request":"publish"})", offer);
    alice.ask(R"({"request":"publish"})", answer);
    std::string codes;
    for (const auto& line : alice.finish())
        if (const auto at = line.find("error "); at != std::string::npos)
            codes += line.substr(at + 6, 3) + " ";
    ck_assert(same(codes, "424 426 433 436 428 433 425 423 435 432 431 "));
}
END_TEST

START_TEST(a_room_may_require_tokens_that_janus_has_signed_for_it) {
    World world;
    const std::string settings =
        R"({"request":"create","room":"closed","signed_tokens":true,"pin":"open","permanent":false})";
    world.administer(settings);
    Client alice{world.rooms};
    const auto join = [&](const std::string& rest) {
        alice.ask(R"({"request":"join","ptype":"publisher","room":"closed","pin":"open")" + rest + "}");
    };
    join("");
    join(R"(,"token":"signed room=1")");
    join(R"(,"token":"signed room=closed")");
    const auto lines = alice.finish();
    ck_assert_uint_eq(lines.size(), 3);
    for (const int i : {0, 1})
        ck_assert(same(lines.at(i), "t error 433 wrong-token: Unauthorized (wrong token)"));
    ck_assert(lines[2].starts_with("t joined room=closed"));
}
END_TEST

START_TEST(a_server_that_signs_no_tokens_lets_nobody_into_anothers_room_that_requires_them) {
    World world;
    world.host.signs = false;
    // Its own is made without, as VideoRoom does.
    world.administer(R"({"request":"create","room":"closed","signed_tokens":true})");
    ck_assert(!world.rooms.find(Id{std::string{"closed"}})->settings.signed_tokens);
    world.rooms.add(Id{std::string{"elsewhere"}}, {.signed_tokens = true});
    Client alice{world.rooms};
    alice.ask(R"({"request":"join","ptype":"publisher","room":"elsewhere","token":"signed room=elsewhere"})");
    const auto lines = alice.finish();
    ck_assert(lines.front().starts_with("t error 433 tokens-not-signed"));
}
END_TEST

START_TEST(a_feed_is_announced_when_media_flows_and_withdrawn_with_it) {
    World world;
    Client alice{world.rooms}, bob{world.rooms};
    bob.ask(R"({"request":"join","ptype":"publisher","room":1,"id":8})");
    alice.ask(R"({"request":"joinandconfigure","room":1,"id":7})", offer);
    ck_assert_uint_eq(world.rooms.find(Id{1})->publishing(), 1);
    alice.room->media_up();
    alice.room->media_gone();
    alice.room->media_gone();
    const auto lines = bob.finish();
    ck_assert_uint_eq(lines.size(), 4);
    ck_assert(lines[2].starts_with(R"(- event room=1 publishers=[{"id":7,)"));
    ck_assert(same(lines[3], "- event room=1 unpublished=7"));
    ck_assert(
        same(world.administer(R"({"request":"listparticipants","room":1})"),
             R"(participants room=1 participants=[{"id":7,"publisher":false},{"id":8,"publisher":false}])"));
}
END_TEST

START_TEST(a_subscriber_has_one_offer_at_a_time_and_keeps_its_mlines) {
    World world;
    Client alice{world.rooms}, bob{world.rooms};
    alice.ask(R"({"request":"joinandconfigure","room":1,"id":7})", offer);
    alice.room->media_up();
    bob.ask(R"({"request":"join","ptype":"subscriber","room":1,"streams":[{"feed":7,"mid":"1"}]})");
    bob.ask(R"({"request":"subscribe","streams":[{"feed":7,"mid":"0"}]})");
    bob.ask(R"({"request":"start"})", answer);
    world.host.later();
    bob.ask(R"({"request":"start"})", answer);
    bob.room->media_up();
    bob.ask(R"({"request":"unsubscribe","streams":[{"sub_mid":"0"}]})");
    bob.ask(R"({"request":"start"})", answer);
    bob.ask(R"({"request":"update","subscribe":[{"feed":7,"mid":"1"}]})");
    bob.ask(R"({"request":"leave"})");
    Lines names;
    for (const auto& line : bob.finish())
        names.push_back(line.substr(0, line.find(" room")) + (line.ends_with("+offer") ? " +offer" : ""));
    ck_assert(same(names, {"t attached +offer", "t updating", "t event", "- updated +offer", "t event",
                           "t updated +offer", "t event", "t updated +offer", "close_pc", "t event"}));
    const auto offers = bob.gateway.jseps();
    const auto lines_of = [&](std::size_t i) {
        return *parse_sdp_lines(json_string_value(json_object_get(load(offers[i]).get(), "sdp")));
    };
    ck_assert_uint_eq(lines_of(0).size(), 1);
    ck_assert_uint_eq(lines_of(1).size(), 2);
    ck_assert(!lines_of(2)[0].sends && lines_of(2)[1].sends);
    ck_assert(lines_of(3).size() == 2 && lines_of(3)[0].sends);
}
END_TEST

/// Pages let a subscription go when its feed ends: what it is still to be told comes before.
START_TEST(a_subscription_hears_of_a_feeds_end_before_the_members_do) {
    World world;
    Client alice{world.rooms};
    alice.ask(R"({"request":"joinandconfigure","room":1,"id":7})", offer);
    alice.room->media_up();
    // Both of bob's handles go out by one queue, so that there is one order.
    const auto queue = Outbox::make_queue();
    tests::FakeHandle handles[2];
    tests::FakeGateway gateway;
    Outbox outbox;
    const auto join = [&](tests::FakeHandle& handle, const char* message) {
        auto room = std::make_shared<VideoRoom>(world.rooms, gateway, outbox,
                                                std::make_shared<Handle>(&handle.session), queue);
        room->handle("m", load(message), nullptr);
        return room;
    };
    const auto member = join(handles[0], R"({"request":"join","ptype":"publisher","room":1,"id":8})");
    const auto watcher =
        join(handles[1], R"({"request":"join","ptype":"subscriber","room":1,"streams":[{"feed":7}]})");
    watcher->handle("m", load(R"({"request":"start"})"), load(answer));
    alice.room->media_gone();
    outbox.stop();
    Lines told;
    for (const auto& line : gateway.lines())
        if (line.starts_with("- updated") || line.find("unpublished") != std::string::npos)
            told.push_back(line.substr(0, line.find(" room")));
    ck_assert(same(told, {"- updated", "- event"}));
    member->destroy();
    watcher->destroy();
}
END_TEST

START_TEST(who_is_kicked_is_told_and_everybody_else) {
    World world;
    Client alice{world.rooms}, bob{world.rooms};
    alice.ask(R"({"request":"join","ptype":"publisher","room":1,"id":7})");
    bob.ask(R"({"request":"join","ptype":"publisher","room":1,"id":8})");
    ck_assert(same(world.administer(R"({"request":"kick","room":1,"id":7})"), "success"));
    ck_assert(!alice.room->engaged());
    ck_assert(same(alice.finish().back(), "- event room=1 leaving=ok reason=kicked"));
    ck_assert(same(bob.finish().back(), "- event room=1 kicked=7"));
    ck_assert(world.administer(R"({"request":"kick","room":1,"id":7})").starts_with("error 428"));
}
END_TEST

START_TEST(a_room_that_is_destroyed_lets_everybody_go) {
    World world;
    Client alice{world.rooms}, bob{world.rooms};
    alice.ask(R"({"request":"joinandconfigure","room":1,"id":7})", offer);
    alice.room->media_up();
    bob.ask(R"({"request":"join","ptype":"subscriber","room":1,"streams":[{"feed":7}]})");
    ck_assert(
        same(world.administer(R"({"request":"destroy","room":1})"), "destroyed room=1 permanent=false"));
    ck_assert(!alice.room->engaged() && !bob.room->engaged());
    const auto lines = alice.finish();
    ck_assert(same(lines[lines.size() - 2], "- destroyed room=1"));
    ck_assert(same(lines.back(), "close_pc"));
    ck_assert(world.administer(R"({"request":"exists","room":1})") == "success room=1 exists=false");
}
END_TEST

START_TEST(a_secret_and_a_key_guard_what_they_should) {
    World world;
    for (const char* request :
         {"edit", "destroy", "listforwarders", "enable_recording\",\"record\":true,\"x\":\""})
        ck_assert(
            world.administer(std::string{R"({"request":")"} + request + R"(","room":"locked","secret":"x"})")
                .starts_with("error 4"));
    ck_assert(world.administer(R"({"request":"edit","room":"locked","secret":"sesame","new_pin":"shut"})")
                  .starts_with("edited"));
    ck_assert(same(world.rooms.find(Id{"locked"})->settings.pin, "shut"));
    Host host;
    Rooms guarded{host, {.admin_key = "key", .lock_rtp_forward = true}};
    const auto ask = [&](const char* message) {
        return tests::describe(guarded.administer(load(message).get()).get());
    };
    ck_assert(ask(R"({"request":"create"})").starts_with("error 433"));
    ck_assert(ask(R"({"request":"create","room":3,"is_private":true,"admin_key":"key"})")
                  .starts_with("created room=3"));
    ck_assert(same(ask(R"({"request":"list"})"), "list"));
}
END_TEST

/// A federation in which every room is at one other server, and its secret is known there alone.
class Network final : public RoomNetwork {
public:
    Asked asked;  ///< to be told what has come of it
    bool proves = false;

    void share(const std::shared_ptr<Room>& /*room*/) override {}
    bool edit(Room& /*room*/) override { return true; }
    void destroy(Room& /*room*/) override {}
    void enter(const Id& /*room*/, const std::string& /*pin*/, Entered /*done*/) override { ck_abort(); }
    [[nodiscard]] bool pin_matches(const Room& /*room*/, const std::string& /*pin*/) const override {
        return true;
    }
    [[nodiscard]] bool secret_matches(const Room& /*room*/, const std::string& /*secret*/) const override {
        return true;
    }
    [[nodiscard]] bool proves_elsewhere(const Room& /*room*/) const override { return proves; }
    void ask(const Room& /*room*/, const Participant& /*participant*/, const std::string& /*secret*/,
             Json /*body*/, Asked done) override {
        asked = std::move(done);
    }
    void lookup(const Id& /*room*/, Found /*done*/) override {}
    [[nodiscard]] Json alternates(const Room& /*room*/) const override { return load(R"(["there"])"); }
    void alternates(const Id& /*room*/, std::function<void(Json)> done) override {
        done(load(R"(["there"])"));
    }
    [[nodiscard]] Json neighbours() const override { return load(R"(["near"])"); }
};

START_TEST(a_drained_server_takes_nobody_in_and_says_where_to_go) {
    World world;
    Network network;
    world.rooms.use(&network);
    Client alice{world.rooms}, bob{world.rooms}, watcher{world.rooms}, stranger{world.rooms};
    alice.ask(R"({"request":"join","ptype":"publisher","room":1,"id":7})");
    world.rooms.drain(true);
    world.rooms.drain(true);  // nobody is told twice
    const auto key = std::to_string(world.rooms.find(Id{1})->private_ids.begin()->first);
    bob.ask(R"({"request":"join","ptype":"publisher","room":1,"id":8})");
    bob.ask(R"({"request":"join","ptype":"publisher","room":"nowhere"})");
    stranger.ask(R"({"request":"join","ptype":"subscriber","room":1,"streams":[{"feed":7}]})");
    watcher.ask(R"({"request":"join","ptype":"subscriber","room":1,"streams":[{"feed":7}],"private_id":)" +
                key + "}");
    ck_assert(same(world.administer(R"({"request":"create","room":2})"),
                   R"(error 499 draining: The server takes in nobody new ["near"])"));
    ck_assert(alice.room->engaged());
    world.rooms.drain(false);
    bob.ask(R"({"request":"join","ptype":"publisher","room":1,"id":8})");
    const std::string refused = R"(t error 499 draining: The server takes in nobody new ["there"])";
    const auto to_alice = alice.finish();
    ck_assert(same({to_alice.at(1), to_alice.at(2)},
                   {"- event room=1 draining=true alternates=[]", "- event room=1 draining=false"}));
    const auto to_bob = bob.finish();
    ck_assert(same({to_bob.at(0), to_bob.at(1)}, {refused, refused}));
    ck_assert(to_bob.at(2).starts_with("t joined"));
    ck_assert(same(stranger.finish(), {refused}));
    // Whoever is in may watch on: she only publishes nothing.
    ck_assert(watcher.finish().at(0).starts_with("t error 428"));
}
END_TEST

/// Tells others nothing.
class Elsewhere final : public Room::Elsewhere {
    void set(const Participant& /*participant*/) override {}
    void remove(const Participant& /*participant*/) override {}
    void emptied() override {}
};

START_TEST(who_moderates_is_answered_when_the_server_that_was_asked_has) {
    World world;
    Network network;
    network.proves = true;
    world.rooms.use(&network);
    const auto room = world.rooms.find(Id{1});
    room->elsewhere = std::make_unique<Elsewhere>();
    Client alice{world.rooms};
    alice.ask(R"({"request":"join","ptype":"publisher","room":1,"id":7})");
    std::string told;
    const auto ask = [&](const std::string& message) {
        told = "nothing";
        world.rooms.administer(load(message).get(),
                               [&](const Json& answer) { told = tests::describe(answer.get()); });
    };
    const std::string kick = R"({"request":"kick","room":1,"secret":"?","id":7})";
    ask(kick);
    ck_assert_str_eq(told.c_str(), "nothing");
    network.asked(unauthorized("wrong secret", "wrong-secret"));
    ck_assert_msg(told.starts_with("error 433 wrong-secret"), "%s", told.c_str());
    ask(kick);
    network.asked(std::nullopt);
    ck_assert_str_eq(told.c_str(), "success");
    ask(R"({"request":"kick","room":1,"secret":"?","id":8})");
    ck_assert(told.starts_with("error 428"));
    ask(R"({"request":"moderate","room":1,"secret":"?","id":7,"mid":"0","mute":true})");
    ck_assert(told.starts_with("error 428"));            // she publishes nothing
    ck_assert(same(world.administer(kick), "success"));  // who cannot wait is told that it was asked for
    network.asked(unauthorized("wrong secret", "wrong-secret"));
    room->elsewhere = nullptr;
}
END_TEST

START_TEST(a_server_that_is_full_names_others) {
    Host host;
    Rooms rooms{host, {.members_max = 1, .rooms = {{"1", {}}}}};
    Network network;
    rooms.use(&network);
    Client alice{rooms}, bob{rooms};
    alice.ask(R"({"request":"join","ptype":"publisher","room":1,"id":7})");
    bob.ask(R"({"request":"join","ptype":"publisher","room":1,"id":8})");
    ck_assert(same(tests::describe(rooms.administer(load(R"({"request":"create","room":2})").get()).get()),
                   R"(error 499 server-full: The server is full ["near"])"));
    alice.ask(R"({"request":"leave"})");
    bob.ask(R"({"request":"join","ptype":"publisher","room":1,"id":8})");
    ck_assert_uint_eq(rooms.population().members_here, 1);
    const auto to_bob = bob.finish();
    ck_assert(same(to_bob.at(0), R"(t error 499 server-full: The server is full ["there"])"));
    ck_assert(to_bob.at(1).starts_with("t joined"));
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "videoroom",
        {joining_tells_who_is_there_and_tells_those, what_cannot_be_is_refused_with_videorooms_codes,
         a_room_may_require_tokens_that_janus_has_signed_for_it,
         a_server_that_signs_no_tokens_lets_nobody_into_anothers_room_that_requires_them,
         a_feed_is_announced_when_media_flows_and_withdrawn_with_it,
         a_subscriber_has_one_offer_at_a_time_and_keeps_its_mlines,
         a_subscription_hears_of_a_feeds_end_before_the_members_do, who_is_kicked_is_told_and_everybody_else,
         a_room_that_is_destroyed_lets_everybody_go, a_secret_and_a_key_guard_what_they_should,
         a_drained_server_takes_nobody_in_and_says_where_to_go, a_server_that_is_full_names_others,
         who_moderates_is_answered_when_the_server_that_was_asked_has});
}
