// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/recording.h"

#include <latch>

#include "tests/check.h"
#include "tests/plugin/packets.h"
#include "tests/plugin/recorded.h"

using namespace std::chrono_literals;
using plugin::MLine;
using plugin::Outbox;
using plugin::Recording;
using tests::Octets;
using tests::Recorded;
using tests::recorded;
using tests::Rtp;
using tests::Vp8;

namespace {

constexpr dht::Time now{1s};
const MLine audio{.formats = {{111, "opus"}, {0, "pcmu"}}};
const MLine video{.video = true, .formats = {{97, "rtx"}, {96, "vp8"}, {98, "vp9"}}};
const MLine data{.data = true};

/// The file of this name, once the disk is done.
const Recorded* file(Outbox& disk, const std::string& name) {
    disk.stop();
    for (const auto& each : recorded())
        if (each->name == name) return each.get();
    return nullptr;
}

START_TEST(each_kind_has_a_file_of_its_own) {
    Outbox disk;
    {
        Recording recording{disk, "each", {audio, video, data, video}, false};
        ck_assert_uint_eq(recording.names().size(), 3);
        ck_assert(recording.names().at("video") == "each-video.mjr");
        recording.save_rtp(0, {}, Rtp{.payload = {1}}.octets(), now);
        recording.save_rtp(1, {}, Rtp{.payload = {2}}.octets(), now);
        recording.save_rtp(3, {}, Rtp{.payload = {3}}.octets(), now);  // the second camera
        recording.save_data(Octets{'h', 'i'});
    }
    ck_assert(file(disk, "each-audio")->codec == "opus");
    ck_assert(file(disk, "each-video")->codec == "vp8");
    ck_assert(file(disk, "each-data")->codec == "text");
    ck_assert(file(disk, "each-audio")->frames == (std::vector<Octets>{Rtp{.payload = {1}}.octets()}));
    ck_assert(file(disk, "each-video")->frames == (std::vector<Octets>{Rtp{.payload = {2}}.octets()}));
    ck_assert(file(disk, "each-data")->frames == (std::vector<Octets>{Octets{104, 105}}));
    for (const char* kind : {"each-audio", "each-video", "each-data"}) ck_assert(file(disk, kind)->closed);
}
END_TEST

START_TEST(what_is_rejected_or_unknown_has_no_file) {
    Outbox disk;
    MLine off = audio;
    off.rejected = true;
    const Recording recording{
        disk, "off", {off, MLine{.video = true}, MLine{.formats = {{13, "cn"}}}}, false};
    ck_assert(recording.names().empty());
}
END_TEST

START_TEST(red_and_encryption_are_noted) {
    Outbox disk;
    const MLine red{.formats = {{63, "red"}, {111, "opus"}}};
    { const Recording recording{disk, "noted", {red, video, data}, true}; }
    ck_assert_int_eq(file(disk, "noted-audio")->red, 63);
    ck_assert(file(disk, "noted-audio")->codec == "opus");
    ck_assert(file(disk, "noted-audio")->encrypted);
    ck_assert(file(disk, "noted-video")->encrypted);
    ck_assert(!file(disk, "noted-data")->encrypted);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_done_without) {
    Outbox disk;
    {
        Recording recording{disk, "unwritable", {audio}, false};
        recording.save_rtp(0, {}, Rtp{}.octets(), now);
    }
    ck_assert(file(disk, "unwritable-audio") == nullptr);
}
END_TEST

START_TEST(of_a_simulcast_one_stream_is_recorded) {
    Outbox disk;
    {
        Recording recording{disk, "layers", {video}, false};
        for (std::uint16_t i = 0; i < 3; ++i) {
            for (const int layer : {0, 1, 2}) {
                const Rtp rtp{.sequence = static_cast<std::uint16_t>(1000 * layer + i),
                              .ssrc = static_cast<std::uint32_t>(layer),
                              .payload = Vp8{.keyframe = i == 0, .temporal = 0}.octets()};
                recording.save_rtp(0, layer, rtp.octets(), now);
            }
        }
    }
    const auto& frames = file(disk, "layers-video")->frames;
    ck_assert_uint_eq(frames.size(), 5);  // each layer's keyframe, then the largest
    for (std::size_t i = 0; i < frames.size(); ++i) {
        const auto packet = plugin::RtpPacket::parse(frames[i]);
        ck_assert_uint_eq(packet->ssrc(), 1);
        ck_assert_uint_eq(packet->sequence(), i);
    }
}
END_TEST

START_TEST(a_slow_disk_holds_up_nobody_and_what_it_misses_is_counted) {
    Outbox disk;
    std::latch busy{static_cast<std::ptrdiff_t>(Outbox::workers_max)}, go{1};
    for (std::size_t i = 0; i < Outbox::workers_max; ++i)
        disk.post(Outbox::make_queue(), [&] {
            busy.count_down();
            go.wait();
        });
    busy.wait();
    {
        Recording recording{disk, "slow", {audio}, false};
        for (int i = 0; i < Recording::queued_max + 10; ++i) recording.save_rtp(0, {}, Rtp{}.octets(), now);
        ck_assert_uint_eq(recording.left_out(), 10);
        go.count_down();
    }
    ck_assert_uint_eq(file(disk, "slow-audio")->frames.size(), Recording::queued_max);
    ck_assert(file(disk, "slow-audio")->closed);
}
END_TEST

START_TEST(a_message_that_the_file_cannot_hold_is_left_out) {
    Outbox disk;
    {
        Recording recording{disk, "long", {data}, false};
        recording.save_data(Octets{});
        recording.save_data(Octets(UINT16_MAX - 7));
        recording.save_data(Octets(UINT16_MAX - 8));
    }
    ck_assert_uint_eq(file(disk, "long-data")->frames.size(), 1);
}
END_TEST

}  // namespace

int main() {
    return run_suite(
        "recording",
        {each_kind_has_a_file_of_its_own, what_is_rejected_or_unknown_has_no_file,
         red_and_encryption_are_noted, a_file_that_cannot_be_written_is_done_without,
         of_a_simulcast_one_stream_is_recorded, a_slow_disk_holds_up_nobody_and_what_it_misses_is_counted,
         a_message_that_the_file_cannot_hold_is_left_out});
}
