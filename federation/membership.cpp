// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/membership.h"

#include "dht/base64.h"
#include "dht/bencode.h"
#include "dht/revocations.h"

namespace federation {

namespace {

constexpr std::string_view certificate_title = "viaduct-certificate-1 ";
constexpr std::string_view revocations_title = "viaduct-revocations-1 ";

/// The octets behind the title; nothing unless the text is that one line.
std::optional<dht::Bytes> read_line(std::string_view text, std::string_view title) {
    if (text.size() > membership_bytes_max || !text.starts_with(title)) return {};
    text.remove_prefix(title.size());
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
        text.remove_suffix(1);  // mail and editors add them
    }
    return dht::from_base64(text);
}

std::string line(std::string_view title, std::string_view octets) {
    return std::string{title} + dht::to_base64(octets) + '\n';
}

std::string day(dht::Date date) {
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(date)};
    const auto two = [](unsigned number) { return (number < 10 ? "-0" : "-") + std::to_string(number); };
    return std::to_string(static_cast<int>(day.year())) + two(static_cast<unsigned>(day.month())) +
           two(static_cast<unsigned>(day.day()));
}

}  // namespace

std::string encode_membership(const Membership& membership) {
    dht::Bytes out;
    dht::bencode::Writer{out}
        .dictionary()
        .string("c")
        .raw(encode(membership.certificate))
        .entry("f", membership.federation.text())
        .entry("m", membership.member.bytes())
        .end();
    return line(certificate_title, out);
}

std::optional<Membership> decode_membership(std::string_view text) {
    const auto octets = read_line(text, certificate_title);
    const auto parsed = octets ? dht::bencode::parse(*octets) : std::nullopt;
    if (!parsed || !parsed->is_dictionary()) return {};
    const auto certificate = parsed->find("c");
    const auto federation = parsed->string("f");
    const auto member = parsed->string("m");
    if (!certificate || !federation || !member) return {};
    auto name = dht::FederationName::parse(*federation);
    const auto id = dht::NodeId::from_bytes(dht::view(*member));
    const auto read = dht::decode_certificate(certificate->encoded());
    if (!name || !name->key || !id || !read) return {};
    return Membership{*std::move(name), *id, *read};
}

std::optional<std::string> objection(const Membership& membership, const dht::FederationName& federation,
                                     const dht::NodeId& self, dht::Date today) {
    const auto& certificate = membership.certificate;
    if (membership.federation != federation) {
        return "it is of federation \"" + membership.federation.text() +
               "\", but this server is told to join \"" + federation.text() + "\". Correct one of the two";
    }
    if (membership.member != self) {
        return "it is for node " + membership.member.hex() + ", but this node's key makes it " + self.hex() +
               ". Ask the federation's operator to admit this one";
    }
    if (!federation.key || !verify(certificate, federation.text(), self, *federation.key)) {
        return "its signature is not the federation's. Get it anew from the federation's operator";
    }
    if (certificate.expires <= today) {
        return "it has expired on " + day(certificate.expires) +
               ". Ask the federation's operator for a new one (viaduct federation admit " + self.hex() +
               "); or correct this machine's clock";
    }
    return {};
}

std::optional<std::string> warning(const Membership& membership, dht::Date today) {
    const auto expires = membership.certificate.expires;
    if (expires > today + expiry_warned_before) return {};
    return "this node's membership of federation \"" + membership.federation.name + "\" " +
           (expires <= today ? "has expired on " : "expires on ") + day(expires) +
           ". Ask the federation's operator for a new certificate (viaduct federation admit " +
           membership.member.hex() + ")";
}

std::string encode_revocations(const dht::Item& list) {
    return line(revocations_title, dht::encode_list(list));
}

std::optional<dht::Item> decode_revocations(std::string_view text) {
    const auto octets = read_line(text, revocations_title);
    return octets ? dht::decode_list(*octets) : std::nullopt;
}

}  // namespace federation
