// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include "plugin/conversation.h"
#include "plugin/publisher.h"
#include "plugin/rooms.h"
#include "plugin/subscriber.h"

namespace plugin {

/// One handle, speaking the VideoRoom API: in no room, in one to publish, or watching one.
class VideoRoom final : public Conversation,
                        private MediaPort,
                        public std::enable_shared_from_this<VideoRoom> {
public:
    VideoRoom(Rooms& rooms, Gateway& gateway, Outbox& outbox, std::shared_ptr<Handle> handle,
              std::shared_ptr<Outbox::Queue> queue);

    void handle(const std::string& transaction, const Json& message, const Json& jsep) override;
    [[nodiscard]] bool engaged() const override { return publisher_ || subscriber_ || joining_; }
    void media_up() override;
    void media_gone() override;
    void slow_link(int mindex, bool video, bool uplink) override;
    void stop_media() override;
    void destroy() override;
    [[nodiscard]] Json info() const override;
    MediaPort& media() override { return *this; }

private:
    using Answer = std::variant<Subscriber::Told, RoomError>;
    Answer on(const room_request::Join& request);
    Answer on(const room_request::Publish& request);
    Answer on(const room_request::Unpublish& request);
    Answer on(const room_request::Leave& request);
    Answer on(const room_request::Start& request);
    Answer on(const room_request::Pause& request);
    Answer on(const room_request::Update& request);
    Answer on(const room_request::Switch& request);
    Answer on(const room_request::Configure& request);
    Answer on(const room_request::Lookup& request);

    /// Told later: nothing is pushed now.
    static Answer later() { return Subscriber::Told{}; }
    void reply(const std::string& transaction, Answer answer);
    /// Whether somebody who is in the room wants to watch it.
    [[nodiscard]] static bool is_member(const room_request::Join& request, const Room* room);
    /// Tells the refusal, and where else the room is.
    Answer send_elsewhere(const Id& room, RoomError refusal);
    Answer enter(const room_request::Join& request, const std::shared_ptr<Room>& room);
    Answer enter_publisher(const room_request::Join& request, const std::shared_ptr<Room>& room);
    Answer enter_subscriber(const room_request::Join& request, const std::shared_ptr<Room>& room);
    /// The room is gone, or we were sent out of it.
    void left();
    void take_port(MediaPort* port) { port_.store(port, std::memory_order_release); }
    void publish_facts();

    // From Janus, for whatever this handle is now.
    void incoming_rtp(janus_plugin_rtp& packet) override;
    void incoming_rtcp(const janus_plugin_rtcp& packet) override;
    void incoming_data(const janus_plugin_data& message) override;
    void data_ready() override;
    void data_closed() override;

    Rooms& rooms_;
    std::shared_ptr<const ClientLine> line_;
    // Made once: the handle's thread may be in them while what we are changes.
    PublisherMedia publisher_media_;
    SubscriberMedia subscriber_media_;
    std::atomic<MediaPort*> port_{nullptr};

    std::shared_ptr<Publisher> publisher_;
    std::shared_ptr<Subscriber> subscriber_;
    bool joining_ = false;  ///< a room is being looked for
    bool destroyed_ = false;

    // The request being handled.
    std::string transaction_;
    const json_t* jsep_ = nullptr;

    /// What `info` may read from another thread.
    mutable std::mutex facts_mutex_;
    std::shared_ptr<json_t> facts_;
};

}  // namespace plugin
