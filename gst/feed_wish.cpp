// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/feed_wish.h"

#include <cstdlib>

namespace gst {

using federation::Json;

namespace {

/// Each entry that has the number of an m-line.
template <class Take>
void each_stream(const std::string& text, Take take) {
    constexpr auto streams_max = FeedDescription::streams_max;
    const Json json{json_loadb(text.data(), text.size(), 0, nullptr)};
    const json_t* streams = json_object_get(json.get(), "streams");
    for (std::size_t i = 0; i < json_array_size(streams) && i < streams_max; ++i) {
        const json_t* stream = json_array_get(streams, i);
        const auto mindex = json_integer_value(json_object_get(stream, "mindex"));
        if (mindex >= 0 && static_cast<std::size_t>(mindex) < streams_max)
            take(static_cast<int>(mindex), stream);
    }
}

}  // namespace

std::string to_text(const FeedWish& wish, const std::set<int>& waiting) {
    json_t* streams = json_array();
    for (const auto& [mindex, layers] : wish) {
        json_t* stream = json_pack("{sisi}", "mindex", mindex, "layers", static_cast<int>(layers));
        if (waiting.contains(mindex)) json_object_set_new(stream, "waits", json_true());
        json_array_append_new(streams, stream);
    }
    const Json json{json_pack("{so}", "streams", streams)};
    char* text = json_dumps(json.get(), JSON_COMPACT);
    std::string written = text ? text : "{}";
    std::free(text);  // NOLINT: jansson's default allocator
    return written;
}

FeedWish wish_from(const std::string& text) {
    constexpr unsigned all_layers = (1U << feed_layers) - 1;
    FeedWish wish;
    each_stream(text, [&](int mindex, const json_t* stream) {
        const auto layers = json_integer_value(json_object_get(stream, "layers"));
        wish[mindex] = static_cast<unsigned>(layers) & all_layers;
    });
    return wish;
}

std::set<int> waiting_from(const std::string& text) {
    std::set<int> waiting;
    each_stream(text, [&](int mindex, const json_t* stream) {
        if (json_is_true(json_object_get(stream, "waits"))) waiting.insert(mindex);
    });
    return waiting;
}

FeedWish whole(const FeedDescription& feed) {
    FeedWish wish;
    for (const auto& stream : feed.streams)
        if (!stream.disabled) wish[stream.mindex] = 1U << (feed_layers - 1);
    return wish;
}

std::set<int> pictures(const FeedDescription& feed) {
    std::set<int> pictures;
    for (const auto& stream : feed.streams)
        if (!stream.disabled && stream.video()) pictures.insert(stream.mindex);
    return pictures;
}

}  // namespace gst
