// SPDX-License-Identifier: LGPL-2.1-or-later
/// What another server says of a feed, what it wishes for of one, and how people name one.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gst/feed_description.h"
#include "gst/feed_uri.h"
#include "gst/feed_wish.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input{reinterpret_cast<const char*>(data), size};
    // What we were told, we can tell.
    if (const auto feed = gst::FeedDescription::parse(input)) {
        const auto again = gst::FeedDescription::parse(feed->json());
        if (!again || again->streams != feed->streams || again->display != feed->display) std::abort();
        for (const auto& [mindex, layers] : gst::whole(*feed))
            if (feed->streams.at(static_cast<std::size_t>(mindex)).disabled || layers == 0) std::abort();
    } else if (feed.error().what.empty()) {
        std::abort();
    }
    const auto wish = gst::wish_from(input);
    if (gst::wish_from(gst::to_text(wish, gst::waiting_from(input))) != wish) std::abort();
    if (const auto uri = gst::FeedUri::parse(input))
        if (const auto again = gst::FeedUri::parse(uri->text()); !again || !(*again == *uri)) std::abort();
    return 0;
}
