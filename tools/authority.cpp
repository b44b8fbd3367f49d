// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tools/authority.h"

#include <gio/gio.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "dht/revocations.h"
#include "federation/glib/identity.h"
#include "federation/glib/membership_file.h"
#include "federation/glib/ptr.h"

namespace tools {

namespace {

constexpr std::string_view register_title = "viaduct federation ";

std::optional<Authority::Entry> parse_entry(const std::string& line) {
    std::istringstream words{line};
    Authority::Entry out;
    std::string member, role, state;
    std::int64_t expires = 0;
    if (!(words >> out.serial >> member >> role >> expires >> state)) return {};
    const auto id = dht::NodeId::from_hex(member);
    if (!id || out.serial == 0 || (role != "server" && role != "reader")) return {};
    if (state != "valid" && state != "revoked") return {};
    out.member = *id;
    out.role = role == "server" ? dht::Role::server : dht::Role::reader;
    out.expires = dht::Date{std::chrono::seconds{expires}};
    out.revoked = state == "revoked";
    return out;
}

}  // namespace

void write_text(const std::string& path, const std::string& text) {
    glib::Error error;
    if (!g_file_set_contents_full(path.c_str(), text.data(), static_cast<gssize>(text.size()),
                                  G_FILE_SET_CONTENTS_CONSISTENT, 0644, error.out()))
        throw std::runtime_error{path + " cannot be written: " + error.message()};
}

std::string word(dht::Role role) {
    return role == dht::Role::server ? "server" : "reader";
}

Authority Authority::found(const std::string& folder, const std::string& name) {
    Authority out{folder, dht::Identity{dht::Identity::Seed{}}};
    if (std::filesystem::exists(out.key_file()) || std::filesystem::exists(out.register_file()))
        throw std::runtime_error{folder +
                                 " holds a federation already; name another folder with --directory"};
    out.key_ = glib::load_identity(out.key_file());
    out.federation_ = {name, out.key_.public_key()};
    out.write_register();
    return out;
}

Authority Authority::open(const std::string& folder) {
    Authority probe{folder, dht::Identity{dht::Identity::Seed{}}};
    if (!std::filesystem::exists(probe.key_file()))
        throw std::runtime_error{
            "there is no federation in " + folder +
            ": name its folder with --directory, or make one with 'viaduct federation init'"};
    Authority out{folder, glib::load_identity(probe.key_file())};
    char* contents = nullptr;
    gsize size = 0;
    glib::Error error;
    if (!g_file_get_contents(out.register_file().c_str(), &contents, &size, error.out()))
        throw std::runtime_error{std::string{error.message()} + ". Restore the register from a copy"};
    std::istringstream lines{std::string{contents, size}};
    g_free(contents);

    std::string line;
    std::getline(lines, line);
    const bool titled = line.starts_with(register_title);
    const auto name = titled ? dht::FederationName::parse(line.substr(register_title.size())) : std::nullopt;
    const auto damaged = [&] {
        return std::runtime_error{out.register_file() + " is damaged at \"" + line +
                                  "\". Restore it from a copy"};
    };
    if (!name || name->key != out.key_.public_key()) throw damaged();
    out.federation_ = *name;
    while (std::getline(lines, line)) {
        const auto entry = parse_entry(line);
        if (!entry || (!out.entries_.empty() && entry->serial <= out.entries_.back().serial)) throw damaged();
        out.entries_.push_back(*entry);
    }
    return out;
}

void Authority::write_register() const {
    std::string text = std::string{register_title} + federation_.text() + '\n';
    for (const auto& entry : entries_) {
        text += std::to_string(entry.serial) + ' ' + entry.member.hex() + ' ' + word(entry.role) + ' ' +
                std::to_string(entry.expires.time_since_epoch().count()) +
                (entry.revoked ? " revoked\n" : " valid\n");
    }
    write_text(register_file(), text);
}

federation::Membership Authority::admit(const dht::NodeId& member, dht::Role role, dht::Date expires) {
    const auto serial = entries_.empty() ? 1 : entries_.back().serial + 1;
    federation::Membership out{federation_, member, {.serial = serial, .role = role, .expires = expires}};
    sign(out.certificate, federation_.text(), member, key_);
    entries_.push_back({serial, member, role, expires});
    write_register();
    return out;
}

std::size_t Authority::revoke(const dht::NodeId& member, dht::Date today) {
    std::size_t count = 0;
    dht::Revocations list;
    for (auto& entry : entries_) {
        const bool counts = !entry.revoked && entry.expires > today;
        if (entry.member == member && counts) {
            entry.revoked = true;
            ++count;
        }
        if (entry.revoked && entry.expires > today) list.serials.push_back(entry.serial);
    }
    if (list.serials.size() > dht::Revocations::serials_max) {
        throw std::runtime_error{
            "more than " + std::to_string(dht::Revocations::serials_max) +
            " certificates would be revoked that have not expired. Let some expire, and issue them for "
            "shorter (--expires); or make a new federation"};
    }
    // The date leads, so that a list that was lost is superseded all the same.
    list.seq = today.time_since_epoch().count();
    if (const auto before = glib::read_membership_text(revocations_file())) {
        const auto old = federation::decode_revocations(*before);
        if (old) list.seq = std::max(list.seq, old->seq + 1);
    }
    write_register();
    write_text(revocations_file(), federation::encode_revocations(sign(list, key_)));
    return count;
}

dht::Item Authority::revocations() const {
    const auto text = glib::read_membership_text(revocations_file());
    const auto list = text ? federation::decode_revocations(*text) : std::nullopt;
    if (text && (!list || !read_revocations(*list, key_.public_key())))
        throw std::runtime_error{revocations_file() + " is damaged. Restore it from a copy, or revoke anew"};
    return list ? *list : sign(dht::Revocations{}, key_);
}

}  // namespace tools
