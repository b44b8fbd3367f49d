// SPDX-License-Identifier: LGPL-2.1-or-later
// Both elements in one process, with a node of the DHT between them.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <random>
#include <thread>

#include "gst/elements/elements.h"
#include "gst/elements/station.h"
#include "gst/init.h"
#include "tests/check.h"
#include "tests/gst/elements/media.h"
#include "tests/gst/servers.h"

using tests::Counter;
using tests::eventually;
using tests::Pipeline;

namespace {

std::string folder;
const std::string live = "videotestsrc is-live=true ! video/x-raw,width=160,height=120,framerate=30/1";

/// What both elements find each other by: one that offers nothing.
class Between {
public:
    Between() {
        elements::NodeSettings settings;
        settings.listen_address = "127.0.0.1";
        station_ = *elements::Station::acquire(settings);
        std::promise<std::string> where;
        station_->post([&](elements::Member& member) { where.set_value(member.dht_endpoint().to_string()); });
        address = where.get_future().get();
    }
    std::string address;
    [[nodiscard]] std::string settings() const {
        return " listen-address=127.0.0.1 bootstrap=" + address + " ";
    }

private:
    std::shared_ptr<elements::Station> station_;
};

std::string key(const char* name) {
    return " identity-file=" + folder + "/" + name + ".key ";
}

std::string text_of(GstElement* element, const char* property) {
    char* text = nullptr;
    g_object_get(element, property, &text, nullptr);
    std::string copy = text ? text : "";
    g_free(text);
    return copy;
}

/// Starts it, and waits until it can be found; its URI.
std::string publish(Pipeline& pipeline) {
    pipeline.play();
    const auto published = pipeline.wait_for_element("viaduct-published");
    ck_assert(published != nullptr);
    return gst_structure_get_string(gst_message_get_structure(published.get()), "uri");
}

std::string failure(Pipeline& pipeline) {
    pipeline.play();
    const auto error = pipeline.wait_for(GST_MESSAGE_ERROR, 30);
    ck_assert(error != nullptr);
    const GstStructure* details = nullptr;
    gst_message_parse_error_details(error.get(), &details);
    return std::string{details ? gst_structure_get_string(details, "reason") : "none"} + ": " +
           Pipeline::error_of(error.get());
}

guint64 viewers(GstElement* sink) {
    GstStructure* stats = nullptr;
    g_object_get(sink, "stats", &stats, nullptr);
    const guint count = gst_value_array_get_size(gst_structure_get_value(stats, "viewers"));
    gst_structure_free(stats);
    return count;
}

START_TEST(what_one_pipeline_publishes_another_plays) {
    const Between between;
    Pipeline sink{live + " ! viaductsink name=s stream=cam" + between.settings()};
    const auto uri = publish(sink);
    ck_assert(text_of(sink.get("s").get(), "uri") == uri);
    Pipeline src{"viaductsrc uri=" + uri + between.settings() + "! vp8dec ! fakesink name=f"};
    const Counter counter{src.get("f").get()};
    src.play();
    ck_assert(eventually([&] { return counter.count() >= 10; }, 20));
}
END_TEST

START_TEST(pictures_and_sound_come_together) {
    const Between between;
    Pipeline sink{live + " ! viaductsink name=s stream=both" + between.settings() +
                  "audiotestsrc is-live=true ! audio/x-raw,rate=48000 ! s."};
    const auto uri = publish(sink);
    Pipeline src{"viaductsrc name=v uri=" + uri + between.settings() +
                 "v. ! video/x-vp8 ! queue ! vp8dec ! fakesink name=f v. ! audio/x-opus ! queue ! opusdec ! "
                 "fakesink name=g"};
    const Counter pictures{src.get("f").get()}, sounds{src.get("g").get()};
    src.play();
    ck_assert(eventually([&] { return pictures.count() >= 10 && sounds.count() >= 10; }, 20));
}
END_TEST

START_TEST(rtp_is_shown_when_it_is_asked_for) {
    const Between between;
    Pipeline sink{live + " ! viaductsink stream=cam" + between.settings()};
    Pipeline src{"viaductsrc rtp=true uri=" + publish(sink) + between.settings() +
                 "! application/x-rtp ! fakesink name=f"};
    const Counter counter{src.get("f").get()};
    src.play();
    ck_assert(eventually([&] { return counter.count() >= 10; }, 20));
}
END_TEST

START_TEST(a_stream_is_found_by_its_name_alone) {
    const Between between;
    Pipeline sink{live + " ! viaductsink stream=unique" + between.settings()};
    publish(sink);
    Pipeline src{"viaductsrc uri=viaduct:stream/unique" + between.settings() + "! vp8dec ! fakesink name=f"};
    const Counter counter{src.get("f").get()};
    src.play();
    ck_assert(eventually([&] { return counter.count() >= 3; }, 20));
}
END_TEST

START_TEST(a_pipeline_plays_what_the_same_node_publishes) {
    const Between between;
    Pipeline sink{live + " ! viaductsink stream=cam" + between.settings() + key("same")};
    Pipeline src{"viaductsrc uri=" + publish(sink) + between.settings() + key("same") +
                 "! vp8dec ! fakesink name=f"};
    const Counter counter{src.get("f").get()};
    src.play();
    ck_assert(eventually([&] { return counter.count() >= 3; }, 20));
}
END_TEST

START_TEST(two_streams_of_one_identity_share_a_node) {
    const Between between;
    Pipeline one{live + " ! viaductsink name=s stream=one" + between.settings() + key("shared")};
    Pipeline other{live + " ! viaductsink name=s stream=other" + between.settings() + key("shared")};
    publish(one);
    publish(other);
    ck_assert(text_of(one.get("s").get(), "node-id") == text_of(other.get("s").get(), "node-id"));
}
END_TEST

START_TEST(one_identity_cannot_publish_a_name_twice) {
    const Between between;
    Pipeline one{live + " ! viaductsink stream=cam" + between.settings() + key("twice")};
    Pipeline other{live + " ! viaductsink stream=cam" + between.settings() + key("twice")};
    publish(one);
    ck_assert(failure(other).starts_with("name-taken: "));
}
END_TEST

START_TEST(elements_of_one_identity_must_agree) {
    const Between between;
    Pipeline one{live + " ! viaductsink stream=a" + between.settings() + key("agree")};
    publish(one);
    Pipeline other{live + " ! viaductsink stream=b listen-address=127.0.0.1 federation=other" + key("agree")};
    ck_assert(failure(other).starts_with("settings: "));
}
END_TEST

START_TEST(the_end_of_a_stream_ends_whoever_plays_it) {
    const Between between;
    Pipeline sink{live + " ! viaductsink name=s stream=cam" + between.settings()};
    Pipeline src{"viaductsrc uri=" + publish(sink) + between.settings() + "! vp8dec ! fakesink name=f"};
    const Counter counter{src.get("f").get()};
    src.play();
    ck_assert(eventually([&] { return counter.count() >= 3; }, 20));
    gst_element_send_event(sink.element(), gst_event_new_eos());
    ck_assert(src.wait_for(static_cast<GstMessageType>(GST_MESSAGE_EOS | GST_MESSAGE_ERROR)) != nullptr);
}
END_TEST

START_TEST(a_publisher_that_comes_back_is_played_on) {
    const Between between;
    auto sink =
        std::make_unique<Pipeline>(live + " ! viaductsink stream=cam" + between.settings() + key("back"));
    Pipeline src{"viaductsrc uri=" + publish(*sink) + between.settings() + "! vp8dec ! fakesink name=f"};
    const Counter counter{src.get("f").get()};
    src.play();
    ck_assert(eventually([&] { return counter.count() >= 3; }, 20));
    sink->stop();
    const int before = counter.count();
    sink = std::make_unique<Pipeline>(live + " ! viaductsink stream=cam" + between.settings() + key("back"));
    publish(*sink);
    ck_assert(eventually([&] { return counter.count() >= before + 20; }, 20));
}
END_TEST

START_TEST(a_viewer_who_leaves_is_gone) {
    const Between between;
    Pipeline sink{live + " ! viaductsink name=s stream=cam" + between.settings()};
    const auto element = sink.get("s");
    {
        Pipeline src{"viaductsrc uri=" + publish(sink) + between.settings() + "! fakesink name=f"};
        const Counter counter{src.get("f").get()};
        src.play();
        ck_assert(eventually([&] { return counter.count() >= 3; }, 20));
        ck_assert_uint_eq(viewers(element.get()), 1);
    }
    ck_assert(eventually([&] { return viewers(element.get()) == 0; }, 5));
}
END_TEST

START_TEST(applications_hear_of_viewers_and_may_refuse_them) {
    const Between between;
    Pipeline sink{live + " ! viaductsink name=s stream=cam" + between.settings()};
    const auto element = sink.get("s");
    static std::atomic<int> added, removed, admits;
    added = removed = 0;
    admits = 1;
    g_signal_connect(element.get(), "viewer-added",
                     G_CALLBACK(+[](GstElement*, char*, char*, gpointer) { ++added; }), nullptr);
    g_signal_connect(element.get(), "viewer-removed",
                     G_CALLBACK(+[](GstElement*, char*, char*, gpointer) { ++removed; }), nullptr);
    g_signal_connect(element.get(), "accept-viewer",
                     G_CALLBACK(+[](GstElement*, char*, char*, gpointer) -> gboolean { return admits != 0; }),
                     nullptr);
    const auto uri = publish(sink);
    {
        Pipeline src{"viaductsrc uri=" + uri + between.settings() + "! fakesink"};
        src.play();
        ck_assert(eventually([] { return added == 1; }, 20));
    }
    ck_assert(eventually([] { return removed == 1; }, 10));
    admits = 0;
    Pipeline refused{"viaductsrc uri=" + uri + between.settings() + "! fakesink"};
    ck_assert(failure(refused).starts_with("declined: "));
}
END_TEST

START_TEST(there_are_no_more_viewers_than_allowed) {
    const Between between;
    Pipeline sink{live + " ! viaductsink name=s max-viewers=0 stream=cam" + between.settings()};
    Pipeline src{"viaductsrc timeout=1 uri=" + publish(sink) + between.settings() + "! fakesink"};
    ck_assert(failure(src).starts_with("too-many: "));
}
END_TEST

START_TEST(an_unknown_stream_is_named_as_such) {
    const Between between;
    Pipeline sink{live + " ! viaductsink stream=cam" + between.settings()};
    const auto uri = publish(sink);
    Pipeline src{"viaductsrc timeout=1 uri=" + uri + "x" + between.settings() + "! fakesink"};
    ck_assert(failure(src).starts_with("unknown-feed: "));
}
END_TEST

START_TEST(a_nodeid_that_is_nowhere_cannot_be_reached) {
    const Between between;
    Pipeline src{"viaductsrc timeout=1 uri=viaduct://" + std::string(40, 'a') + "/cam" + between.settings() +
                 "! fakesink"};
    const auto said = failure(src);
    ck_assert_msg(said.starts_with("server-unreachable: "), "%s", said.c_str());
}
END_TEST

START_TEST(a_wrong_uri_is_refused_with_what_would_be_right) {
    Pipeline src{"viaductsrc uri=http://example.org ! fakesink"};
    ck_assert(failure(src).find("viaduct://<NodeID>/<stream>") != std::string::npos);
}
END_TEST

START_TEST(an_unreadable_identity_is_named) {
    std::ofstream{folder + "/bad.key"} << "no key";
    std::filesystem::permissions(folder + "/bad.key", std::filesystem::perms::owner_read);
    Pipeline sink{live + " ! viaductsink listen-address=127.0.0.1" + key("bad")};
    ck_assert(failure(sink).find("bad.key") != std::string::npos);
}
END_TEST

START_TEST(a_port_in_use_is_named) {
    const Between between;
    Pipeline sink{live + " ! viaductsink listen-address=" + between.address};
    ck_assert(failure(sink).find(between.address) != std::string::npos);
}
END_TEST

START_TEST(media_that_nobody_takes_is_an_error_in_words) {
    const Between between;
    Pipeline sink{live + " ! viaductsink video-encoder=nosuchenc" + between.settings()};
    ck_assert(failure(sink).find("nosuchenc") != std::string::npos);
}
END_TEST

START_TEST(settings_come_from_the_application_s_context) {
    const Between between;
    Pipeline sink{live + " ! viaductsink name=s stream=cam"};
    GstContext* context = gst_context_new("viaduct.node", TRUE);
    gst_structure_set(gst_context_writable_structure(context), "bootstrap", G_TYPE_STRING,
                      between.address.c_str(), "listen-address", G_TYPE_STRING, "127.0.0.1", nullptr);
    gst_element_set_context(sink.element(), context);
    gst_context_unref(context);
    publish(sink);
    ck_assert(text_of(sink.get("s").get(), "bootstrap") == between.address);
}
END_TEST

START_TEST(a_state_change_waits_for_nobody) {
    // Nobody answers there.
    Pipeline sink{live + " ! viaductsink listen-address=127.0.0.1 bootstrap=127.0.0.1:9"};
    Pipeline src{"viaductsrc uri=viaduct:stream/x listen-address=127.0.0.1 bootstrap=127.0.0.1:9 ! fakesink"};
    const auto begin = std::chrono::steady_clock::now();
    ck_assert(sink.play() != GST_STATE_CHANGE_FAILURE);
    ck_assert(src.play() != GST_STATE_CHANGE_FAILURE);
    ck_assert(std::chrono::steady_clock::now() - begin < std::chrono::milliseconds{500});
}
END_TEST

START_TEST(pads_are_named_as_asked_for_and_freed) {
    const auto sink = gst::take_floating(gst_element_factory_make("viaductsink", nullptr));
    const auto one = glib::take_ref(gst_element_request_pad_simple(sink.get(), "video_%u"));
    const auto other = glib::take_ref(gst_element_request_pad_simple(sink.get(), "video_%u"));
    const auto sound = glib::take_ref(gst_element_request_pad_simple(sink.get(), "audio_7"));
    ck_assert_str_eq(GST_PAD_NAME(one.get()), "video_0");
    ck_assert_str_eq(GST_PAD_NAME(other.get()), "video_1");
    ck_assert_str_eq(GST_PAD_NAME(sound.get()), "audio_7");
    gst_element_release_request_pad(sink.get(), one.get());
    const auto again = glib::take_ref(gst_element_request_pad_simple(sink.get(), "video_%u"));
    ck_assert_str_eq(GST_PAD_NAME(again.get()), "video_0");
}
END_TEST

START_TEST(a_feed_has_no_more_streams_than_fit) {
    const auto sink = gst::take_floating(gst_element_factory_make("viaductsink", nullptr));
    for (int i = 0; i < 64; ++i)
        ck_assert(glib::take_ref(gst_element_request_pad_simple(sink.get(), "audio_%u")) != nullptr);
    ck_assert(gst_element_request_pad_simple(sink.get(), "audio_%u") == nullptr);
}
END_TEST

START_TEST(a_thousand_starts_and_stops_leave_nothing_behind) {
    const Between between;
    Pipeline sink{live + " ! viaductsink" + between.settings() + key("cycles")};
    const auto cycle = [&](int times) {
        for (int i = 0; i < times; ++i) {
            sink.play();
            if (i % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds{5});
            sink.stop();
        }
        elements::Station::wait_for_goodbyes();
    };
    cycle(300);
    // What is being closed at the moment; what each twentieth cycle left behind would be fifty.
    constexpr std::size_t spare = 10;
    const auto threads = tests::threads(), descriptors = tests::descriptors();
    cycle(1000);
    const auto back = [&] {
        return tests::threads() <= threads && tests::descriptors() <= descriptors + spare;
    };
    ck_assert_msg(eventually(back), "%zu threads and %zu descriptors were %zu and %zu", tests::threads(),
                  tests::descriptors(), threads, descriptors);
}
END_TEST

START_TEST(pads_come_and_go_in_any_state) {
    const Between between;
    std::mt19937 chance{7};  // NOLINT: the same each time
    const auto pipeline = gst::take_floating(gst_pipeline_new(nullptr));
    GstElement* sink = gst_element_factory_make("viaductsink", nullptr);
    gst_bin_add(GST_BIN(pipeline.get()), sink);
    g_object_set(sink, "bootstrap", between.address.c_str(), "listen-address", "127.0.0.1", nullptr);
    struct Leg {
        GstElement* source;
        gst::Ref<GstPad> pad;
    };
    std::vector<Leg> legs;
    const auto drop = [&](Leg& leg) {
        // First the pad: in PAUSED the source waits in it.
        gst_element_release_request_pad(sink, leg.pad.get());
        gst_element_set_locked_state(leg.source, TRUE);
        gst_element_set_state(leg.source, GST_STATE_NULL);
        gst_bin_remove(GST_BIN(pipeline.get()), leg.source);
    };
    for (int i = 0; i < 1000; ++i) {
        const auto what = chance() % 8;
        if (what < 3 && legs.size() < 6) {
            const bool video = chance() % 2 == 0;
            GstElement* source = gst_element_factory_make(video ? "videotestsrc" : "audiotestsrc", nullptr);
            g_object_set(source, "is-live", TRUE, nullptr);
            gst_bin_add(GST_BIN(pipeline.get()), source);
            auto pad = glib::take_ref(gst_element_request_pad_simple(sink, video ? "video_%u" : "audio_%u"));
            const auto from = glib::take_ref(gst_element_get_static_pad(source, "src"));
            if (chance() % 4 != 0) gst_pad_link(from.get(), pad.get());
            gst_element_sync_state_with_parent(source);
            legs.push_back({source, std::move(pad)});
        } else if (what < 5 && !legs.empty()) {
            const auto which = chance() % legs.size();
            drop(legs[which]);
            legs.erase(legs.begin() + static_cast<long>(which));
        } else {
            constexpr std::array states = {GST_STATE_NULL, GST_STATE_READY, GST_STATE_PAUSED,
                                           GST_STATE_PLAYING};
            gst_element_set_state(pipeline.get(), states.at(chance() % states.size()));
        }
    }
    for (auto& leg : legs) drop(leg);
    gst_element_set_state(pipeline.get(), GST_STATE_NULL);
}
END_TEST

START_TEST(playbin_plays_a_uri) {
    const Between between;
    Pipeline sink{live + " ! viaductsink stream=cam" + between.settings()};
    const auto uri = publish(sink) + "?bootstrap=" + between.address;
    Pipeline player{"playbin3 name=p video-sink=\"fakesink name=f\" audio-sink=fakesink"};
    const auto element = player.get("p");
    g_object_set(player.element(), "uri", uri.c_str(), nullptr);
    g_signal_connect(player.element(), "source-setup",
                     G_CALLBACK(+[](GstElement*, GstElement* source, gpointer) {
                         g_object_set(source, "listen-address", "127.0.0.1", nullptr);
                     }),
                     nullptr);
    GstElement* f = nullptr;
    g_object_get(player.element(), "video-sink", &f, nullptr);
    const gst::Ref<GstElement> video{f};
    const Counter counter{video.get()};
    player.play();
    ck_assert(eventually([&] { return counter.count() >= 3; }, 25));
}
END_TEST

START_TEST(what_is_played_is_live) {
    Pipeline src{"viaductsrc uri=viaduct:stream/x listen-address=127.0.0.1 ! fakesink"};
    ck_assert(src.to(GST_STATE_PAUSED) == GST_STATE_CHANGE_NO_PREROLL);
}
END_TEST

}  // namespace

int main() {
    gst::init();
    folder = std::filesystem::temp_directory_path() / ("viaduct-elements-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    if (!elements::register_elements(nullptr)) return 1;
    const int result = run_suite("elements",
                                 {what_one_pipeline_publishes_another_plays,
                                  pictures_and_sound_come_together,
                                  rtp_is_shown_when_it_is_asked_for,
                                  a_stream_is_found_by_its_name_alone,
                                  a_pipeline_plays_what_the_same_node_publishes,
                                  two_streams_of_one_identity_share_a_node,
                                  one_identity_cannot_publish_a_name_twice,
                                  elements_of_one_identity_must_agree,
                                  the_end_of_a_stream_ends_whoever_plays_it,
                                  a_publisher_that_comes_back_is_played_on,
                                  a_viewer_who_leaves_is_gone,
                                  applications_hear_of_viewers_and_may_refuse_them,
                                  there_are_no_more_viewers_than_allowed,
                                  an_unknown_stream_is_named_as_such,
                                  a_nodeid_that_is_nowhere_cannot_be_reached,
                                  a_wrong_uri_is_refused_with_what_would_be_right,
                                  an_unreadable_identity_is_named,
                                  a_port_in_use_is_named,
                                  media_that_nobody_takes_is_an_error_in_words,
                                  settings_come_from_the_application_s_context,
                                  a_state_change_waits_for_nobody,
                                  pads_are_named_as_asked_for_and_freed,
                                  a_feed_has_no_more_streams_than_fit,
                                  a_thousand_starts_and_stops_leave_nothing_behind,
                                  pads_come_and_go_in_any_state,
                                  playbin_plays_a_uri,
                                  what_is_played_is_live},
                                 120);
    elements::Station::wait_for_goodbyes();
    std::filesystem::remove_all(folder);
    return result;
}
