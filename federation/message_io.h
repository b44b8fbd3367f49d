// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <jansson.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "dht/bytes.h"
#include "dht/endpoint.h"
#include "dht/item.h"
#include "dht/node_id.h"
#include "federation/json.h"
#include "federation/protocol.h"

namespace federation {

/// Compact.
std::string dump(const json_t* value);

/// Writing a message: a JSON object that it fills in.
class Writer {
public:
    /// An object within a message.
    Writer();
    explicit Writer(const char* type);

    Writer& text(const char* name, std::string_view value);
    Writer& text_unless_empty(const char* name, std::string_view value);
    Writer& number(const char* name, std::uint64_t value);
    /// Written only if it is true.
    Writer& flag(const char* name, bool value);
    /// In base64; nothing if empty.
    Writer& octets(const char* name, dht::BytesView value);
    /// JSON text that was given to us; nothing if it is none.
    Writer& object(const char* name, std::string_view value);
    Writer& append(const char* list, const Writer& element);
    Writer& append(const char* list, std::string_view element);

    [[nodiscard]] std::string text() const { return dump(object_.get()); }

private:
    json_t* list(const char* name);

    Json object_;
};

/// Reading one. Each field is asked for once; the first that is wrong is remembered.
class Reader {
public:
    explicit Reader(const json_t* object) : object_(object) {}

    std::string text(const char* name, std::size_t bytes_max);
    std::string text_or_empty(const char* name, std::size_t bytes_max);
    /// Graphic ASCII.
    std::string word_like(const char* name);
    /// So many lower-case hexadecimal digits.
    std::string digits(const char* name, std::size_t count);
    CallId call() { return digits("call", 32); }
    SubscriptionId subscription() { return digits("subscription", 32); }
    std::string user(const char* name);
    std::string label(const char* name);
    LaneId lane();
    std::uint64_t number(const char* name);
    bool flag(const char* name);
    /// A JSON object as text; empty if there is none.
    std::string object(const char* name, std::size_t bytes_max);
    dht::Bytes octets_or_empty(const char* name, std::size_t bytes_max);
    dht::Item revocations();
    dht::NodeId node_id(const char* name);
    dht::Endpoint endpoint(const char* name);
    /// None: `none`. One that we have no word for, of a newer server: `unknown`.
    Reason reason(Reason unknown);
    /// Calls `each` with every element of a list of objects; a list that is missing is empty.
    void objects(const char* name, std::size_t count_max, const std::function<void(Reader&)>& each);
    void labels(const char* name, std::size_t count_max, const std::function<void(std::string)>& each);

    [[nodiscard]] Result<Message> result(Message message) const;

private:
    std::string wrong(const char* name);
    const json_t* list(const char* name, std::size_t count_max);

    const json_t* object_;
    const char* wrong_ = nullptr;
};

// Each part of the protocol reads and writes its own.
Writer write(const Subscribe& m);
Writer write(const Subscribed& m);
Writer write(const Wish& m);
Writer write(const FeedChanged& m);
Writer write(const Unsubscribe& m);
std::optional<Message> read_feed_message(std::string_view type, Reader& reader);

Writer write(const RoomEnter& m);
Writer write(const RoomRoster& m);
Writer write(const RoomLeave& m);
Writer write(const RoomProof& m);
Writer write(const RoomPolicyNews& m);
Writer write(const RoomRequest& m);
Writer write(const RoomAnswer& m);
std::optional<Message> read_room_message(std::string_view type, Reader& reader);

}  // namespace federation
