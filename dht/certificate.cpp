// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/certificate.h"

#include <algorithm>

#include "dht/bencode.h"

namespace dht {

namespace {

Bytes statement(const Certificate& certificate, std::string_view federation, const NodeId& member) {
    Bytes out;
    bencode::Writer{out}
        .list()
        .string("viaduct certificate 1")
        .string(federation)
        .string(member.bytes())
        .integer(certificate.serial)
        .integer(static_cast<std::int64_t>(certificate.role))
        .integer(certificate.expires.time_since_epoch().count())
        .end();
    return out;
}

}  // namespace

void sign(Certificate& certificate, std::string_view federation, const NodeId& member,
          const Identity& authority) {
    certificate.signature = authority.sign(statement(certificate, federation, member));
}

bool verify(const Certificate& certificate, std::string_view federation, const NodeId& member,
            const PublicKey& authority) {
    return verify(authority, statement(certificate, federation, member), certificate.signature);
}

Bytes encode(const Certificate& certificate) {
    Bytes out;
    bencode::Writer{out}
        .dictionary()
        .entry("e", certificate.expires.time_since_epoch().count())
        .entry("q", certificate.serial)
        .entry("r", static_cast<std::int64_t>(certificate.role))
        .entry("s", text(certificate.signature))
        .end();
    return out;
}

std::optional<Certificate> decode_certificate(std::string_view bytes) {
    if (bytes.size() > Certificate::bytes_max) return std::nullopt;
    const auto parsed = bencode::parse(bytes);
    if (!parsed || !parsed->is_dictionary()) return std::nullopt;
    const auto expires = parsed->integer("e");
    const auto serial = parsed->integer("q");
    const auto role = parsed->integer("r");
    const auto signature = parsed->string("s");
    Certificate out;
    if (!expires || *expires < 0 || *expires > date_max) return std::nullopt;
    if (!serial || *serial < 1 || *serial > UINT32_MAX) return std::nullopt;
    if (!role || *role < 0 || *role > static_cast<std::int64_t>(Role::server)) return std::nullopt;
    if (!signature || signature->size() != out.signature.size()) return std::nullopt;
    out.expires = Date{std::chrono::seconds{*expires}};
    out.serial = static_cast<std::uint32_t>(*serial);
    out.role = static_cast<Role>(*role);
    std::copy(signature->begin(), signature->end(), out.signature.begin());
    // Other keys would make many encodings of one certificate.
    return encode(out) == bytes ? std::optional{out} : std::nullopt;
}

}  // namespace dht
