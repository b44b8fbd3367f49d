// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/protocol.h"

#include <optional>
#include <utility>

#include "dht/base64.h"
#include "dht/certificate.h"
#include "dht/revocations.h"
#include "federation/json.h"
#include "federation/message_io.h"
#include "federation/name.h"

namespace federation {

namespace {

Writer write(const Hello& m) {
    Writer writer{"hello"};
    writer.text("software", m.software).text("instance", m.instance);
    writer.octets("certificate", dht::view(m.certificate));
    return writer;
}
Writer write(const Refuse& m) {
    return std::move(Writer{"refuse"}.text("reason", word(m.reason)));
}
Writer write(const Revocations& m) {
    return std::move(Writer{"revocations"}.text("list", dht::to_base64(dht::encode_list(m.list))));
}
/// Where a description stands: for the other browser itself, or for its Janus.
const char* what(bool direct) {
    return direct ? "description" : "jsep";
}

Writer write(const Invite& m) {
    Writer writer{"invite"};
    writer.text("call", m.call)
        .text("from", m.from)
        .text("to", m.to)
        .number("lane", m.lane)
        .object(what(m.direct), m.jsep);
    return writer;
}
Writer write(const Ringing& m) {
    return std::move(Writer{"ringing"}.text("call", m.call));
}
Writer write(const Accept& m) {
    return std::move(Writer{"accept"}.text("call", m.call).object(what(m.direct), m.jsep));
}
Writer write(const Update& m) {
    return std::move(Writer{"update"}.text("call", m.call).object(what(m.direct), m.jsep));
}
Writer write(const Candidate& m) {
    return std::move(Writer{"candidate"}.text("call", m.call).object("candidate", m.candidate));
}
Writer write(const Bridge& m) {
    return std::move(Writer{"bridge"}.text("call", m.call).object("jsep", m.jsep));
}
Writer write(const Bye& m) {
    Writer writer{"bye"};
    writer.text("call", m.call).text("reason", word(m.reason));
    writer.text_unless_empty("text", m.text);
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

/// A jsep, or instead of it the description of a direct call.
template <class M>
void read_description(Reader& reader, M& message) {
    message.jsep = reader.object("jsep", sdp_bytes_max);
    if (!message.jsep.empty()) return;
    message.jsep = reader.object("description", sdp_bytes_max);
    message.direct = !message.jsep.empty();
}

Message read_invite(Reader& reader) {
    Invite invite;
    invite.call = reader.call();
    invite.from = reader.user("from");
    invite.to = reader.user("to");
    invite.lane = reader.lane();
    read_description(reader, invite);
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
    if (type == "refuse") return Refuse{reader.reason(Reason::hangup)};
    if (type == "revocations") return Revocations{reader.revocations()};
    if (type == "invite") return read_invite(reader);
    if (type == "ringing") return Ringing{reader.call()};
    if (type == "accept") {
        Accept accept{reader.call(), {}};
        read_description(reader, accept);
        return accept;
    }
    if (type == "update") {
        Update update{reader.call(), {}};
        read_description(reader, update);
        return update;
    }
    if (type == "candidate") {
        auto call = reader.call();
        return Candidate{std::move(call), reader.object("candidate", candidate_bytes_max)};
    }
    if (type == "bridge") {
        auto call = reader.call();
        return Bridge{std::move(call), reader.object("jsep", sdp_bytes_max)};
    }
    if (type == "bye") {
        auto call = reader.call();
        const auto reason = reader.reason(Reason::hangup);
        return Bye{std::move(call), reason, reader.text_or_empty("text", text_bytes_max)};
    }
    if (type == "trunk") return read_trunk(reader);
    if (type == "check") return Check{reader.call()};
    if (type == "ping") return Ping{};
    if (type == "pong") return Pong{};
    if (auto message = read_feed_message(type, reader)) return message;
    return read_room_message(type, reader);
}

}  // namespace

bool valid_jsep(std::string_view jsep) {
    if (jsep.size() > sdp_bytes_max) return false;
    const Json parsed{json_loadb(jsep.data(), jsep.size(), JSON_REJECT_DUPLICATES, nullptr)};
    return json_is_object(parsed.get());
}

bool valid_object(std::string_view text, std::size_t bytes_max) {
    const Json parsed{json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr)};
    return json_is_object(parsed.get()) && json_dumpb(parsed.get(), nullptr, 0, JSON_COMPACT) <= bytes_max;
}

std::string encode(const Message& message) {
    return std::visit([](const auto& m) { return write(m).text(); }, message);
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
