// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/room_message.h"

#include <utility>

#include "federation/message_io.h"

namespace federation {

namespace {

// Of one roster message; more go into the next. No more than fit into 64 KiB with all else.
constexpr std::size_t listed_max = 1024;
constexpr std::size_t grant_bytes_max = 256;
constexpr std::size_t proof_bytes_max = 64;
constexpr std::size_t signature_bytes = std::tuple_size_v<dht::Signature>;

}  // namespace

Writer write(const RoomEnter& m) {
    Writer writer{"room-enter"};
    writer.text("room", m.room).text("visit", m.visit).text_unless_empty("answer", m.answer);
    writer.octets("policy", dht::view(m.policy)).flag("keyholder", m.keyholder);
    writer.text_unless_empty("clients", m.clients);
    for (const auto& server : m.servers) {
        writer.append("servers",
                      Writer{}.text("id", server.id.hex()).text("at", server.signalling.to_string()));
    }
    return writer;
}
Writer write(const RoomRoster& m) {
    Writer writer{"room-roster"};
    writer.text("room", m.room).number("seq", m.seq).flag("begin", m.begin).flag("end", m.end);
    for (const auto& participant : m.set) {
        writer.append("set", Writer{}
                                 .text("id", participant.id)
                                 .text_unless_empty("display", participant.display)
                                 .object("about", participant.about));
    }
    for (const auto& id : m.gone) writer.append("gone", id);
    return writer;
}
Writer write(const RoomLeave& m) {
    return std::move(Writer{"room-leave"}.text("room", m.room).text("reason", word(m.reason)));
}
Writer write(const RoomProof& m) {
    Writer writer{"room-proof"};
    writer.text("room", m.room).text("run", m.run).flag("secret", m.secret);
    writer.octets("share", dht::view(m.share)).octets("confirm", dht::view(m.confirm));
    writer.octets("grant", dht::view(m.grant));
    if (m.reason != Reason::none) writer.text("reason", word(m.reason));
    return writer;
}
Writer write(const RoomPolicyNews& m) {
    Writer writer{"room-policy"};
    writer.text("room", m.room).octets("policy", dht::view(m.policy)).text_unless_empty("pin", m.pin);
    if (!m.pin_signature.empty()) writer.octets("pin_signature", dht::view(m.pin_signature));
    return writer;
}
Writer write(const RoomRequest& m) {
    Writer writer{"room-request"};
    writer.text("request", m.request).text("room", m.room).octets("grant", dht::view(m.grant));
    writer.object("body", m.body);
    return writer;
}
Writer write(const RoomAnswer& m) {
    Writer writer{"room-answer"};
    writer.text("request", m.request).object("body", m.body).text("reason", word(m.reason));
    return writer;
}

namespace {

RoomEnter read_enter(Reader& reader) {
    RoomEnter m;
    m.room = reader.label("room");
    m.visit = reader.digits("visit", 16);
    if (!reader.text_or_empty("answer", 16).empty()) m.answer = reader.digits("answer", 16);
    m.policy = reader.octets_or_empty("policy", policy_bytes_max);
    m.keyholder = reader.flag("keyholder");
    m.clients = reader.text_or_empty("clients", clients_bytes_max);
    reader.objects("servers", room_servers_max, [&](Reader& server) {
        const auto id = server.node_id("id");
        m.servers.push_back({id, server.endpoint("at")});
    });
    return m;
}

RoomRoster read_roster(Reader& reader) {
    RoomRoster m;
    m.room = reader.label("room");
    m.seq = reader.number("seq");
    m.begin = reader.flag("begin");
    m.end = reader.flag("end");
    reader.objects("set", listed_max, [&](Reader& participant) {
        Participant p;
        p.id = participant.label("id");
        p.display = participant.text_or_empty("display", display_bytes_max);
        p.about = participant.object("about", about_bytes_max);
        m.set.push_back(std::move(p));
    });
    reader.labels("gone", listed_max, [&](std::string id) { m.gone.push_back(std::move(id)); });
    return m;
}

RoomProof read_proof(Reader& reader) {
    RoomProof m;
    m.room = reader.label("room");
    m.run = reader.digits("run", 16);
    m.secret = reader.flag("secret");
    m.share = reader.octets_or_empty("share", proof_bytes_max);
    m.confirm = reader.octets_or_empty("confirm", proof_bytes_max);
    m.grant = reader.octets_or_empty("grant", grant_bytes_max);
    if (!reader.text_or_empty("reason", message_bytes_max).empty())
        m.reason = reader.reason(Reason::declined);
    return m;
}

RoomPolicyNews read_policy(Reader& reader) {
    RoomPolicyNews m;
    m.room = reader.label("room");
    m.policy = reader.octets_or_empty("policy", policy_bytes_max);
    m.pin = reader.text_or_empty("pin", pin_bytes_max);
    m.pin_signature = reader.octets_or_empty("pin_signature", signature_bytes);
    return m;
}

RoomRequest read_request(Reader& reader) {
    RoomRequest m;
    m.request = reader.digits("request", 32);
    m.room = reader.label("room");
    m.grant = reader.octets_or_empty("grant", grant_bytes_max);
    m.body = reader.object("body", request_bytes_max);
    return m;
}

RoomAnswer read_answer(Reader& reader) {
    RoomAnswer m;
    m.request = reader.digits("request", 32);
    m.body = reader.object("body", request_bytes_max);
    m.reason = reader.reason(Reason::declined);
    return m;
}

}  // namespace

std::optional<Message> read_room_message(std::string_view type, Reader& reader) {
    if (type == "room-enter") return read_enter(reader);
    if (type == "room-roster") return read_roster(reader);
    if (type == "room-leave") {
        auto room = reader.label("room");
        return RoomLeave{std::move(room), reader.reason(Reason::hangup)};
    }
    if (type == "room-proof") return read_proof(reader);
    if (type == "room-policy") return read_policy(reader);
    if (type == "room-request") return read_request(reader);
    if (type == "room-answer") return read_answer(reader);
    return {};
}

}  // namespace federation
