// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/recording.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "plugin/janus.h"

namespace plugin {

namespace {

/// What Janus writes in front of a message counts into a length of 16 bits.
constexpr std::size_t data_bytes_max = UINT16_MAX - sizeof(std::int64_t);

struct Codec {
    std::string name;
    int red = 0;  ///< the payload type of RED around it; 0: none
};

/// The first format that is media, not repair.
Codec codec_of(const MLine& mline) {
    constexpr std::array<std::string_view, 6> repair = {"",  "rtx", "ulpfec", "flexfec-03", "telephone-event",
                                                        "cn"};
    Codec codec;
    if (mline.data) codec.name = "text";
    for (const auto& format : mline.formats) {
        if (format.name == "red" && !mline.video && codec.red == 0) codec.red = format.payload_type;
        if (format.name == "red" || std::ranges::find(repair, format.name) != repair.end()) continue;
        codec.name = format.name;
        break;
    }
    // RED that stands behind is not what is sent.
    if (!mline.formats.empty() && mline.formats.front().name != "red") codec.red = 0;
    return codec;
}

}  // namespace

/// Janus's recorder; on the disk's workers only.
struct Recording::File {
    janus_recorder* recorder = nullptr;
    File() = default;
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (!recorder) return;
        janus_recorder_close(recorder);
        janus_recorder_destroy(recorder);
    }
};

Recording::Recording(Outbox& disk, const std::string& base, const std::vector<MLine>& mlines, bool encrypted)
    : disk_(disk) {
    for (int mindex = 0; mindex < static_cast<int>(mlines.size()); ++mindex) {
        const MLine& mline = mlines[static_cast<std::size_t>(mindex)];
        const char* kind = mline.data ? "data" : mline.video ? "video" : "audio";
        if (!mline.rejected && !names_.contains(kind)) begin(kind, mindex, mline, base, encrypted);
    }
}

Recording::~Recording() {
    // The files go with what was queued last.
    for (auto& track : tracks_) disk_.post(queue_, [file = std::move(track.file)] {});
    if (left_out_ > 0)
        JANUS_LOG(LOG_WARN,
                  "[viaduct] the disk was too slow: %" G_GUINT64_FORMAT " packets were not recorded\n",
                  static_cast<guint64>(left_out_));
}

void Recording::begin(const char* kind, int mindex, const MLine& mline, const std::string& base,
                      bool encrypted) {
    const Codec codec = codec_of(mline);
    if (codec.name.empty()) return;
    const std::string path = base + "-" + kind;
    const auto file = std::make_shared<File>();
    // Media encryption does not apply to data channels.
    disk_.post(queue_, [file, path, codec, encrypted = encrypted && !mline.data] {
        file->recorder = janus_recorder_create(nullptr, codec.name.c_str(), path.c_str());
        if (!file->recorder) {
            JANUS_LOG(LOG_ERR, "[viaduct] cannot record to %s.mjr\n", path.c_str());
            return;
        }
        if (codec.red > 0) janus_recorder_opusred(file->recorder, codec.red);
        if (encrypted) janus_recorder_encrypted(file->recorder);
    });
    tracks_.push_back({mindex, mline, file});
    names_[kind] = path + ".mjr";
}

void Recording::save_rtp(int mindex, std::optional<int> layer, std::span<const std::uint8_t> packet,
                         dht::Time now) {
    const auto track = std::ranges::find_if(
        tracks_, [&](const Track& each) { return each.mindex == mindex && !each.mline.data; });
    if (track == tracks_.end()) return;
    std::vector<std::uint8_t> copy{packet.begin(), packet.end()};
    if (layer) {
        const auto parsed = RtpPacket::parse(packet);
        if (!parsed) return;
        const auto codec = track->mline.format(parsed->payload_type());
        const auto verdict =
            selector_.judge(*layer, *parsed, codec, parsed->extension(track->mline.dependencies), now);
        if (!verdict.forward) return;
        LayerSelector::rewrite(verdict, copy, parsed->payload_offset());
        set_ssrc(copy, 1);  // one stream in the file, whichever layer it is
    }
    save(*track, std::move(copy));
}

void Recording::save_data(std::span<const std::uint8_t> message) {
    const auto track = std::ranges::find_if(tracks_, [](const Track& each) { return each.mline.data; });
    if (track == tracks_.end() || message.empty() || message.size() > data_bytes_max) return;
    save(*track, {message.begin(), message.end()});
}

void Recording::save(const Track& track, std::vector<std::uint8_t> octets) {
    if (queued_->load(std::memory_order_relaxed) >= queued_max) {
        ++left_out_;
        return;
    }
    ++*queued_;
    disk_.post(queue_, [queued = queued_, file = track.file, octets = std::move(octets)]() mutable {
        --*queued;
        if (file->recorder)
            janus_recorder_save_frame(file->recorder, reinterpret_cast<char*>(octets.data()),
                                      static_cast<unsigned>(octets.size()));
    });
}

}  // namespace plugin
