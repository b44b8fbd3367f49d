// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "plugin/conversation.h"
#include "plugin/handle.h"
#include "plugin/outbox.h"

namespace plugin {

/// What Janus knows as a handle. It speaks three APIs, and this is the one place where is decided which:
///
/// - in a room, VideoRoom's; registered or in a call, VideoCall's; watching a stream, Streaming's;
/// - otherwise the request says. `list` is in two: who is not registered asks for rooms; and `start` and
/// `pause`
///   without a stream are VideoRoom's;
/// - VideoRoom's synchronous requests concern rooms, not the handle: they are answered always (but for
/// `list`),
///   at once unless another server has to be asked.
class Front final : public std::enable_shared_from_this<Front> {
public:
    using Make = std::function<std::shared_ptr<Conversation>(const std::shared_ptr<Handle>& handle,
                                                             const std::shared_ptr<Outbox::Queue>& queue)>;
    using Answered = std::function<void(federation::Json answer)>;
    struct Apis {
        Make videocall, videoroom, streaming;
        /// Answers one of VideoRoom's synchronous requests, inside or later.
        std::function<void(const json_t* message, const Answered& done)> administer;
    };

    Front(const Apis& apis, janus_plugin_session* handle);

    // On the loop.
    /// Whether the request has an answer for which the client waits; `done` is told it, inside or later.
    /// Otherwise `handle` is next.
    bool answer(const federation::Json& message, const Answered& done);
    void handle(const std::string& transaction, const federation::Json& message,
                const federation::Json& jsep);
    void media_up();
    void media_gone();
    void slow_link(int mindex, bool video, bool uplink);
    void stop_media();
    void destroy();

    /// From any thread.
    [[nodiscard]] federation::Json info() const;
    /// From the handle's thread. Nothing before the first request.
    [[nodiscard]] MediaPort* media() const;

private:
    Conversation* choose(const json_t* message);
    [[nodiscard]] bool in_call() const { return videocall_ && videocall_->engaged(); }

    const Apis& apis_;
    std::shared_ptr<Handle> handle_;
    std::shared_ptr<Outbox::Queue> queue_ = Outbox::make_queue();
    // Made when first needed, and kept until the handle's thread is done with us.
    std::shared_ptr<Conversation> videocall_, videoroom_, streaming_;
    std::atomic<Conversation*> current_{nullptr};
    bool destroyed_ = false;
};

/// Whether a request begins to watch a stream, or may end that.
bool is_streaming(std::string_view request);
/// Whether a request is VideoRoom's; `synchronous`: whether it is answered at once.
bool is_videoroom(std::string_view request);
bool is_synchronous(std::string_view request);

}  // namespace plugin
