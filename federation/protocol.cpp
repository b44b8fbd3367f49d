// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/protocol.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <type_traits>

#include "dht/base64.h"
#include "dht/certificate.h"
#include "dht/revocations.h"
#include "federation/json.h"
#include "federation/name.h"

namespace federation {

namespace {

// ---- Writing: an object that a message fills in.

class Writer {
public:
    explicit Writer(const char* type) : object_(json_object()) {
        json_object_set_new(object_.get(), "v", json_integer(protocol_version));
        json_object_set_new(object_.get(), "type", json_string(type));
    }

    Writer& text(const char* name, std::string_view value) {
        json_object_set_new(object_.get(), name, json_stringn(value.data(), value.size()));
        return *this;
    }
    Writer& number(const char* name, json_int_t value) {
        json_object_set_new(object_.get(), name, json_integer(value));
        return *this;
    }
    Writer& jsep(std::string_view value) {
        if (Json parsed{json_loadb(value.data(), value.size(), JSON_REJECT_DUPLICATES, nullptr)}) {
            json_object_set(object_.get(), "jsep", parsed.get());
        }
        return *this;
    }

    [[nodiscard]] std::string dump() const {
        const std::size_t size = json_dumpb(object_.get(), nullptr, 0, JSON_COMPACT);
        std::string out(size, '\0');
        json_dumpb(object_.get(), out.data(), size, JSON_COMPACT);
        return out;
    }

private:
    Json object_;
};

Writer write(const Hello& m) {
    Writer writer{"hello"};
    writer.text("software", m.software).text("instance", m.instance);
    if (!m.certificate.empty()) writer.text("certificate", dht::to_base64(m.certificate));
    return writer;
}
Writer write(const Refuse& m) {
    return std::move(Writer{"refuse"}.text("reason", word(m.reason)));
}
Writer write(const Revocations& m) {
    return std::move(Writer{"revocations"}.text("list", dht::to_base64(dht::encode_list(m.list))));
}
Writer write(const Invite& m) {
    Writer writer{"invite"};
    writer.text("call", m.call).text("from", m.from).text("to", m.to).number("lane", m.lane).jsep(m.jsep);
    return writer;
}
Writer write(const Ringing& m) {
    return std::move(Writer{"ringing"}.text("call", m.call));
}
Writer write(const Accept& m) {
    return std::move(Writer{"accept"}.text("call", m.call).jsep(m.jsep));
}
Writer write(const Update& m) {
    return std::move(Writer{"update"}.text("call", m.call).jsep(m.jsep));
}
Writer write(const Bye& m) {
    Writer writer{"bye"};
    writer.text("call", m.call).text("reason", word(m.reason));
    if (!m.text.empty()) writer.text("text", m.text);
    return writer;
}
Writer write(const TrunkSignal& m) {
    return std::move(Writer{"trunk"}.text("trunk", m.trunk).text("kind", m.kind).text("body", m.body));
}
Writer write(const Check& m) {
    return std::move(Writer{"check"}.text("call", m.call));
}
Writer write(const Ping& /*m*/) {
    return Writer{"ping"};
}
Writer write(const Pong& /*m*/) {
    return Writer{"pong"};
}

// ---- Reading: each field is asked for once; the first that is wrong is remembered.

class Reader {
public:
    explicit Reader(const json_t* object) : object_(object) {}

    std::string text(const char* name, std::size_t bytes_max) {
        const json_t* value = json_object_get(object_, name);
        if (!json_is_string(value) || json_string_length(value) > bytes_max) return wrong(name);
        return {json_string_value(value), json_string_length(value)};
    }
    std::string text_or_empty(const char* name, std::size_t bytes_max) {
        return json_object_get(object_, name) ? text(name, bytes_max) : std::string{};
    }
    std::string word_like(const char* name) {
        auto value = text(name, trunk_bytes_max);
        const auto graphic = [](char c) { return c > ' ' && c < '\x7F'; };
        if (value.empty() || !std::ranges::all_of(value, graphic)) return wrong(name);
        return value;
    }
    CallId call() {
        auto value = text("call", 32);
        const auto digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
        if (value.size() != 32 || !std::ranges::all_of(value, digit)) return wrong("call");
        return value;
    }
    std::string user(const char* name) {
        auto value = text(name, user_bytes_max);
        if (!valid_user(value)) return wrong(name);
        return value;
    }
    LaneId lane() {
        const json_t* value = json_object_get(object_, "lane");
        const json_int_t number = json_integer_value(value);
        // Lane 0 is the trunk's own; 1 is 0 with the other side's bit.
        if (!json_is_integer(value) || number < 2 || number > std::numeric_limits<LaneId>::max()) {
            wrong("lane");
            return 0;
        }
        return static_cast<LaneId>(number);
    }
    std::string jsep() {
        const json_t* value = json_object_get(object_, "jsep");
        if (!value) return {};
        if (!json_is_object(value)) return wrong("jsep");
        const std::size_t size = json_dumpb(value, nullptr, 0, JSON_COMPACT);
        if (size == 0 || size > sdp_bytes_max) return wrong("jsep");
        std::string out(size, '\0');
        json_dumpb(value, out.data(), size, JSON_COMPACT);
        return out;
    }
    dht::Bytes octets_or_empty(const char* name, std::size_t bytes_max) {
        auto octets = dht::from_base64(text_or_empty(name, 4 * (bytes_max / 3 + 1)));
        if (!octets) wrong(name);
        return std::move(octets).value_or(dht::Bytes{});
    }
    dht::Item revocations() {
        auto list = dht::decode_list(octets_or_empty("list", dht::list_bytes_max));
        if (!list) wrong("list");
        return std::move(list).value_or(dht::Item{});
    }
    Reason reason() {
        // A newer server may have reasons that we have no word for.
        return reason_from(text("reason", trunk_bytes_max)).value_or(Reason::hangup);
    }

    Result<Message> result(Message message) const {
        if (wrong_) return Error{std::string{"bad field "} + wrong_};
        return message;
    }

private:
    std::string wrong(const char* name) {
        if (!wrong_) wrong_ = name;
        return {};
    }

    const json_t* object_;
    const char* wrong_ = nullptr;
};

Message read_invite(Reader& reader) {
    Invite invite;
    invite.call = reader.call();
    invite.from = reader.user("from");
    invite.to = reader.user("to");
    invite.lane = reader.lane();
    invite.jsep = reader.jsep();
    return invite;
}

Message read_trunk(Reader& reader) {
    TrunkSignal signal;
    signal.trunk = reader.word_like("trunk");
    signal.kind = reader.word_like("kind");
    signal.body = reader.text_or_empty("body", sdp_bytes_max);
    return signal;
}

std::optional<Message> read(std::string_view type, Reader& reader) {
    if (type == "hello") {
        auto software = reader.text("software", software_bytes_max);
        auto instance = reader.word_like("instance");
        return Hello{std::move(software), std::move(instance),
                     reader.octets_or_empty("certificate", dht::Certificate::bytes_max)};
    }
    if (type == "refuse") return Refuse{reader.reason()};
    if (type == "revocations") return Revocations{reader.revocations()};
    if (type == "invite") return read_invite(reader);
    if (type == "ringing") return Ringing{reader.call()};
    if (type == "accept") {
        auto call = reader.call();
        return Accept{std::move(call), reader.jsep()};
    }
    if (type == "update") {
        auto call = reader.call();
        return Update{std::move(call), reader.jsep()};
    }
    if (type == "bye") {
        auto call = reader.call();
        const auto reason = reader.reason();
        return Bye{std::move(call), reason, reader.text_or_empty("text", text_bytes_max)};
    }
    if (type == "trunk") return read_trunk(reader);
    if (type == "check") return Check{reader.call()};
    if (type == "ping") return Ping{};
    if (type == "pong") return Pong{};
    return {};
}

}  // namespace

bool valid_jsep(std::string_view jsep) {
    if (jsep.size() > sdp_bytes_max) return false;
    const Json parsed{json_loadb(jsep.data(), jsep.size(), JSON_REJECT_DUPLICATES, nullptr)};
    return json_is_object(parsed.get());
}

std::string encode(const Message& message) {
    return std::visit([](const auto& m) { return write(m).dump(); }, message);
}

Result<Message> decode(std::string_view text) {
    if (text.size() > message_bytes_max) return Error{"message too long"};
    const Json parsed{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)};
    if (!json_is_object(parsed.get())) return Error{"not a JSON object"};
    const json_t* version = json_object_get(parsed.get(), "v");
    if (!json_is_integer(version)) return Error{"bad field v"};
    if (json_integer_value(version) != protocol_version) {
        return Error{"version " + std::to_string(json_integer_value(version)) + " of the protocol"};
    }
    Reader reader{parsed.get()};
    const auto type = reader.text("type", trunk_bytes_max);
    if (type.empty()) return Error{"bad field type"};
    auto message = read(type, reader);
    // The type is the peer's text: it goes to a log.
    if (!message)
        return Error{"unknown type " + (valid_user(type) ? type : std::string{"(unprintable)"}), true};
    return reader.result(std::move(*message));
}

}  // namespace federation
