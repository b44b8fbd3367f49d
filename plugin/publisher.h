// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "plugin/publisher_media.h"
#include "plugin/request.h"
#include "plugin/room.h"
#include "plugin/room_host.h"
#include "plugin/videoroom_request.h"

namespace plugin {

/// A handle that has joined a room as somebody who may publish. On the loop.
class Publisher final : public Participant, public std::enable_shared_from_this<Publisher> {
public:
    /// `left`: it is not in the room any more, which it did not ask for.
    Publisher(RoomHost& host, std::shared_ptr<const ClientLine> line, PublisherMedia& media,
              std::shared_ptr<Room> room, std::function<void()> left);

    // From the client.
    /// The answer to be pushed, or what is wrong. With an offer it publishes, or negotiates anew.
    struct Configured {
        Json event;  ///< without what `joined` needs
        Json jsep;
    };
    std::variant<Configured, RoomError> configure(const room_request::Publish& request, const json_t* jsep);
    std::optional<RoomError> unpublish();
    void leave();
    void media_up();
    void media_gone();
    void slow_link(int mindex, bool video, bool uplink);

    // From the room.
    void tell(const json_t* event) override;
    bool kick() override;
    bool moderate(const std::string& mid, bool mute) override;
    void record(bool on) override;
    [[nodiscard]] bool publishes() const override { return own_ != nullptr; }

    [[nodiscard]] const std::shared_ptr<Room>& room() const { return room_; }
    [[nodiscard]] const PublisherMedia& media() const { return media_; }
    std::uint32_t private_id = 0;

private:
    std::variant<Configured, RoomError> negotiate(const room_request::Publish& request, const json_t* jsep);
    std::optional<RoomError> apply(const room_request::Publish& request);
    void connect();
    void mute(int mindex);
    void talked(int mindex, const Talking::Change& change);
    void stop_publishing();
    void ask_keyframes() const;
    void repeat_keyframes(unsigned run);

    RoomHost& host_;
    std::shared_ptr<const ClientLine> line_;
    PublisherMedia& media_;
    std::shared_ptr<Room> room_;
    std::function<void()> left_;

    std::shared_ptr<Feed> own_;  ///< from the answer on; `feed` once media flows
    bool closing_ = false;       ///< the PeerConnection is being closed at our wish
    std::uint64_t session_ = 0;  ///< of our descriptions
    unsigned version_ = 0;
    std::uint32_t bitrate_ = 0;
    bool record_ = false;
    std::string filename_;
    std::optional<std::uint32_t> active_packets_, level_average_;
    std::set<std::string> muted_, moderated_;  ///< mids
    std::map<std::string, std::string> descriptions_;
    unsigned keyframe_run_ = 0;
};

}  // namespace plugin
