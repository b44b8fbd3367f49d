// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/room_policy.h"

#include <algorithm>

#include "dht/bencode.h"
#include "federation/protocol.h"

namespace federation {

namespace {

namespace bencode = dht::bencode;

// What is signed has its flags in one number, as it is written.
constexpr std::int64_t pin_flag = 1;
constexpr std::int64_t secret_flag = 2;
constexpr std::int64_t destroyed_flag = 4;
constexpr std::int64_t all_flags = 7;

/// A clock that is a little behind still takes a grant for what it is.
constexpr std::chrono::seconds clock_skew{60};

std::int64_t flags(const RoomPolicy& policy) {
    return (policy.rules.pin ? pin_flag : 0) | (policy.rules.secret ? secret_flag : 0) |
           (policy.destroyed ? destroyed_flag : 0);
}

std::int64_t whole(std::uint64_t number) {
    return static_cast<std::int64_t>(number);
}

dht::Bytes signed_text(const RoomPolicy& policy, std::string_view federation, std::string_view room) {
    return bencode::List{}
        .add("viaduct room 1")
        .add(federation)
        .add(room)
        .add(dht::text(policy.key))
        .add(whole(policy.created))
        .add(whole(policy.version))
        .add(flags(policy))
        .add(policy.rules.about)
        .encode();
}

dht::Bytes granted_text(std::string_view federation, std::string_view room, const dht::NodeId& grantee,
                        std::int64_t expires) {
    return bencode::List{}
        .add("viaduct grant 1")
        .add(federation)
        .add(room)
        .add(grantee.hex())
        .add(expires)
        .encode();
}

dht::Bytes pin_text(std::string_view pin, std::uint64_t version, std::string_view federation,
                    std::string_view room) {
    return bencode::List{}
        .add("viaduct pin 1")
        .add(federation)
        .add(room)
        .add(whole(version))
        .add(pin)
        .encode();
}

template <std::size_t octets>
bool read(std::optional<std::string_view> text, std::array<std::uint8_t, octets>& out) {
    if (!text || text->size() != octets) return false;
    std::ranges::copy(dht::view(*text), out.begin());
    return true;
}

}  // namespace

void sign(RoomPolicy& policy, std::string_view federation, std::string_view room, const OwnerToken& token) {
    const dht::Identity identity{token};
    policy.key = identity.public_key();
    policy.signature = identity.sign(signed_text(policy, federation, room));
}

bool verify(const RoomPolicy& policy, std::string_view federation, std::string_view room) {
    return dht::verify(policy.key, signed_text(policy, federation, room), policy.signature);
}

dht::Bytes encode(const RoomPolicy& policy) {
    return bencode::Dictionary{}
        .set("f", flags(policy))
        .set("k", dht::text(policy.key))
        .set("r", policy.rules.about)
        .set("s", dht::text(policy.signature))
        .set("t", whole(policy.created))
        .set("v", whole(policy.version))
        .encode();
}

std::optional<RoomPolicy> decode_policy(dht::BytesView bytes) {
    if (bytes.size() > policy_bytes_max) return {};
    const auto value = bencode::parse(dht::text(bytes));
    if (!value) return {};
    RoomPolicy policy;
    const auto bits = value->integer("f");
    const auto about = value->string("r");
    const auto created = value->integer("t");
    const auto version = value->integer("v");
    const bool whole_numbers =
        bits && *bits >= 0 && *bits <= all_flags && created && *created >= 0 && version && *version >= 0;
    if (!whole_numbers || !about || !read(value->string("k"), policy.key)) return {};
    if (!read(value->string("s"), policy.signature)) return {};
    if (!about->empty() && !valid_object(*about, rules_bytes_max)) return {};
    policy.created = static_cast<std::uint64_t>(*created);
    policy.version = static_cast<std::uint64_t>(*version);
    policy.destroyed = (*bits & destroyed_flag) != 0;
    policy.rules = {std::string{*about}, (*bits & pin_flag) != 0, (*bits & secret_flag) != 0};
    return policy;
}

Kinship kinship(const RoomPolicy& ours, const RoomPolicy& theirs) {
    if (ours.key == theirs.key) return Kinship::same;
    if (ours.rules.pin != theirs.rules.pin) return Kinship::stranger;
    return ours.rules.pin ? Kinship::pin : Kinship::same;
}

bool supersedes(const RoomPolicy& theirs, const RoomPolicy& ours) {
    return theirs.key == ours.key ? theirs.version > ours.version : theirs.rank() < ours.rank();
}

const RoomPolicy* choose(const std::vector<RoomPolicy>& found, bool has_pin) {
    const RoomPolicy* best = nullptr;
    for (const auto& policy : found) {
        if (policy.destroyed) continue;
        const bool fits = policy.rules.pin == has_pin;
        const bool best_fits = best && best->rules.pin == has_pin;
        const bool better = !best || (fits && !best_fits) || (fits == best_fits && supersedes(policy, *best));
        if (better) best = &policy;
    }
    return best;
}

dht::Signature sign_pin(std::string_view pin, std::uint64_t version, std::string_view federation,
                        std::string_view room, const OwnerToken& token) {
    return dht::Identity{token}.sign(pin_text(pin, version, federation, room));
}

bool is_pin(std::string_view pin, const RoomPolicy& policy, std::string_view federation,
            std::string_view room, dht::BytesView signature) {
    dht::Signature right{};
    if (!policy.rules.pin || !read(dht::text(signature), right)) return false;
    return dht::verify(policy.key, pin_text(pin, policy.version, federation, room), right);
}

dht::Bytes grant(const OwnerToken& token, std::string_view federation, std::string_view room,
                 const dht::NodeId& grantee, dht::Date now) {
    const auto expires = (now + grant_lifetime).time_since_epoch().count();
    const auto signature = dht::Identity{token}.sign(granted_text(federation, room, grantee, expires));
    return bencode::Dictionary{}.set("e", std::int64_t{expires}).set("s", dht::text(signature)).encode();
}

bool grants(dht::BytesView grant, const dht::PublicKey& key, std::string_view federation,
            std::string_view room, const dht::NodeId& grantee, dht::Date now) {
    const auto value = bencode::parse(dht::text(grant));
    if (!value) return false;
    dht::Signature signature{};
    const auto expires = value->integer("e");
    if (!expires || !read(value->string("s"), signature)) return false;
    const auto seconds = now.time_since_epoch().count();
    const bool now_or_soon = *expires + clock_skew.count() >= seconds &&
                             *expires <= seconds + (grant_lifetime + clock_skew).count();
    return now_or_soon && dht::verify(key, granted_text(federation, room, grantee, *expires), signature);
}

}  // namespace federation
