// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/feed_message.h"

#include <utility>

#include "federation/message_io.h"

namespace federation {

Writer write(const Subscribe& m) {
    Writer writer{"subscribe"};
    writer.text("subscription", m.subscription).text_unless_empty("room", m.room).text("feed", m.feed);
    writer.number("lane", m.lane).object("wish", m.wish);
    return writer;
}
Writer write(const Subscribed& m) {
    return std::move(Writer{"subscribed"}.text("subscription", m.subscription).object("about", m.about));
}
Writer write(const Wish& m) {
    return std::move(Writer{"wish"}.text("subscription", m.subscription).object("wish", m.wish));
}
Writer write(const FeedChanged& m) {
    return std::move(Writer{"feed-changed"}.text("subscription", m.subscription).object("about", m.about));
}
Writer write(const Unsubscribe& m) {
    return std::move(
        Writer{"unsubscribe"}.text("subscription", m.subscription).text("reason", word(m.reason)));
}

namespace {

Subscribe read_subscribe(Reader& reader) {
    Subscribe m;
    m.subscription = reader.subscription();
    if (!reader.text_or_empty("room", message_bytes_max).empty()) m.room = reader.label("room");
    m.feed = reader.label("feed");
    m.lane = reader.lane();
    m.wish = reader.object("wish", wish_bytes_max);
    return m;
}

}  // namespace

std::optional<Message> read_feed_message(std::string_view type, Reader& reader) {
    if (type == "subscribe") return read_subscribe(reader);
    if (type == "subscribed") {
        auto subscription = reader.subscription();
        return Subscribed{std::move(subscription), reader.object("about", about_bytes_max)};
    }
    if (type == "wish") {
        auto subscription = reader.subscription();
        return Wish{std::move(subscription), reader.object("wish", wish_bytes_max)};
    }
    if (type == "feed-changed") {
        auto subscription = reader.subscription();
        return FeedChanged{std::move(subscription), reader.object("about", about_bytes_max)};
    }
    if (type == "unsubscribe") {
        auto subscription = reader.subscription();
        return Unsubscribe{std::move(subscription), reader.reason(Reason::hangup)};
    }
    return {};
}

}  // namespace federation
