// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/feed_uri.h"

#include <glib.h>

#include <utility>
#include <vector>

#include "federation/glib/ptr.h"
#include "federation/name.h"

namespace gst {

namespace {

/// What is said behind the '?'.
constexpr std::size_t value_bytes_max = 256;
/// Longer ones name nothing that exists: two names of 64 octets and two values, percent-encoded, and a
/// NodeID.
constexpr std::size_t uri_bytes_max = 2048;

constexpr const char* forms =
    "accepted are viaduct://<NodeID>/<stream>, viaduct:stream/<name>, "
    "viaduct://<NodeID>/<room>/<participant> "
    "and viaduct:room/<room>[/<participant>]";

federation::Error wrong(const std::string& what) {
    return {what + "; " + forms};
}

/// Percent-decoded text; nothing if it is none.
std::optional<std::string> decoded(std::string_view text) {
    const glib::Ptr<char> plain{g_uri_unescape_string(std::string{text}.c_str(), nullptr)};
    if (!plain || *plain == '\0' || !g_utf8_validate(plain.get(), -1, nullptr)) return std::nullopt;
    return plain.get();
}

/// Nothing unless each part is a name.
std::optional<std::vector<std::string>> parts_of(std::string_view path) {
    std::vector<std::string> parts;
    while (true) {
        const auto slash = path.find('/');
        auto part = decoded(path.substr(0, slash));
        if (!part || !federation::valid_label(*part)) return std::nullopt;
        parts.push_back(std::move(*part));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

federation::Result<FeedUri> parse_with_server(std::string_view rest) {
    const auto slash = rest.find('/');
    const auto server = dht::NodeId::from_hex(rest.substr(0, slash));
    if (!server) return wrong("a NodeID has 40 hexadecimal digits");
    if (slash == std::string_view::npos) return wrong("the name of the stream is missing");
    auto parts = parts_of(rest.substr(slash + 1));
    if (!parts || parts->size() > 2) return wrong("this is no name of a stream or a feed");
    if (parts->size() == 1) return FeedUri{server, {}, std::move(parts->front()), {}, {}};
    return FeedUri{server, std::move(parts->front()), std::move(parts->back()), {}, {}};
}

/// Takes the query off. Nothing if it says what is not understood.
std::optional<FeedUri> take_query(std::string_view& text) {
    FeedUri said;
    const auto mark = text.find('?');
    if (mark == std::string_view::npos) return said;
    std::string_view rest = text.substr(mark + 1);
    text = text.substr(0, mark);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('&'), rest.size());
        const auto one = rest.substr(0, end);
        const auto equals = one.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        auto value = decoded(one.substr(equals + 1));
        const auto key = one.substr(0, equals);
        if (!value || value->size() > value_bytes_max || (key != "bootstrap" && key != "federation"))
            return std::nullopt;
        (key == "bootstrap" ? said.bootstrap : said.federation) = std::move(*value);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return said;
}

std::string encoded(const std::string& name) {
    const glib::Ptr<char> text{g_uri_escape_string(name.c_str(), nullptr, FALSE)};
    return text.get();
}

federation::Result<FeedUri> parse_path(std::string_view text) {
    constexpr std::string_view stream = "stream/", in_room = "room/";
    if (text.starts_with("//")) return parse_with_server(text.substr(2));
    const bool room = text.starts_with(in_room);
    if (!room && !text.starts_with(stream)) return wrong("it names neither a NodeID, a stream nor a room");
    auto parts = parts_of(text.substr(room ? in_room.size() : stream.size()));
    if (!parts || parts->size() > (room ? 2U : 1U)) return wrong("this is no name of a stream or a room");
    if (!room) return FeedUri{{}, {}, std::move(parts->front()), {}, {}};
    return FeedUri{{}, parts->front(), parts->size() == 2 ? parts->back() : std::string{}, {}, {}};
}

}  // namespace

federation::Result<FeedUri> FeedUri::parse(std::string_view text) {
    constexpr std::string_view scheme = "viaduct:";
    if (text.size() > uri_bytes_max) return wrong("the URI is too long");
    if (text.size() < scheme.size() || g_ascii_strncasecmp(text.data(), scheme.data(), scheme.size()) != 0)
        return wrong("the scheme is not viaduct");
    text.remove_prefix(scheme.size());
    const auto query = take_query(text);
    if (!query) return wrong("behind '?' may stand bootstrap=ADDRESS:PORT and federation=NAME");
    auto feed = parse_path(text);
    if (!feed) return feed;
    feed->bootstrap = query->bootstrap;
    feed->federation = query->federation;
    return feed;
}

std::string FeedUri::text() const {
    std::string text = uri_scheme;
    text += server ? "://" + server->hex() + '/' : room.empty() ? ":stream/" : ":room/";
    if (!room.empty()) text += encoded(room);
    if (!room.empty() && !feed.empty()) text += '/';
    text += encoded(feed);
    const char* mark = "?";
    for (const auto& [key, value] :
         {std::pair{"bootstrap=", &bootstrap}, std::pair{"federation=", &federation}}) {
        if (value->empty()) continue;
        text += std::string{std::exchange(mark, "&")} + key + encoded(*value);
    }
    return text;
}

}  // namespace gst
