// SPDX-License-Identifier: LGPL-2.1-or-later
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "dht/hex.h"
#include "dht/revocations.h"
#include "federation/glib/loop.h"
#include "federation/glib/membership_file.h"
#include "tools/asker.h"
#include "tools/authority.h"
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/options.h"

namespace tools {

namespace {

struct Settings {
    Options options;
    std::string folder = ".";
    std::string subject;  ///< the name, the node or the file
    std::string role = "server";
    std::string lifetime = "365d";
    std::string out_file;
};

/// "365d", "12h", "30m" or "90s".
std::chrono::seconds parse_lifetime(const std::string& text) {
    std::int64_t number = 0;
    const auto [unit, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view rest{unit, static_cast<std::size_t>(text.data() + text.size() - unit)};
    const std::int64_t factor = rest == "d"   ? 86'400
                                : rest == "h" ? 3600
                                : rest == "m" ? 60
                                : rest == "s" ? 1
                                              : 0;
    constexpr std::int64_t years_100 = std::int64_t{100} * 365 * 86'400;
    if (error != std::errc{} || factor == 0 || number < 1 || number > years_100 / factor)
        throw UsageError{"--expires \"" + text +
                         "\" is not valid: a time such as 365d, 12h, 30m or 90s is accepted"};
    return std::chrono::seconds{number * factor};
}

dht::NodeId parse_member(const std::string& text) {
    if (const auto id = dht::NodeId::from_hex(text)) return *id;
    if (const auto key = dht::public_key_from_hex(text)) return dht::node_id_of(*key);
    throw UsageError{
        "NODE \"" + text +
        "\" is not valid: the 40 hexadecimal digits of a NodeID, as 'viaduct id' shows them, or the 64 "
        "of a public key are accepted"};
}

std::string until(dht::Date expires, dht::Date today) {
    const auto days = std::chrono::floor<std::chrono::days>(expires - today).count();
    if (expires <= today) return in_words(expires) + " (expired)";
    return in_words(expires) + " (" + std::to_string(days) + (days == 1 ? " day)" : " days)");
}

// ---- init

int init(const Settings& settings) {
    const auto name = dht::FederationName::parse(settings.subject);
    if (!name || name->key)
        throw UsageError{"NAME \"" + settings.subject +
                         "\" is not valid: 1 to 64 octets of UTF-8 without @ are accepted"};
    const auto authority = Authority::found(settings.folder, name->name);
    const auto federation = authority.federation().text();
    if (settings.options.json) {
        print_json(Json{json_pack("{ss ss ss}", "federation", federation.c_str(), "key",
                                  dht::hex(*authority.federation().key).c_str(), "key_file",
                                  authority.key_file().c_str())});
        return exit_ok;
    }
    std::printf(
        "%s\n\nThis is the federation's name: every member's configuration says federation = \"…\" with it.\n"
        "%s admits and revokes: keep it private, and back up the folder.\n"
        "Next: viaduct federation admit NODEID\n",
        federation.c_str(), authority.key_file().c_str());
    return exit_ok;
}

// ---- admit

int admit(const Settings& settings) {
    const auto member = parse_member(settings.subject);
    const auto lifetime = parse_lifetime(settings.lifetime);
    auto authority = Authority::open(settings.folder);
    const auto role = settings.role == "reader" ? dht::Role::reader : dht::Role::server;
    const auto today = glib::now().date;
    const auto membership = authority.admit(member, role, today + lifetime);
    const auto text = federation::encode_membership(membership);
    const auto file =
        settings.out_file.empty() ? settings.folder + "/" + member.hex() + ".certificate" : settings.out_file;
    write_text(file, text);
    const auto& certificate = membership.certificate;
    if (settings.options.json) {
        print_json(Json{json_pack("{ss ss sI ss ss ss}", "federation", membership.federation.text().c_str(),
                                  "member", member.hex().c_str(), "serial",
                                  static_cast<json_int_t>(certificate.serial), "role", word(role).c_str(),
                                  "expires", in_words(certificate.expires).c_str(), "file", file.c_str())});
        return exit_ok;
    }
    std::printf(
        "certificate %u for %s, %s, until %s:\n%s\nPut it beside the node's key file, its name followed by "
        ".certificate\n",
        certificate.serial, member.hex().c_str(), word(role).c_str(),
        until(certificate.expires, today).c_str(), file.c_str());
    return exit_ok;
}

// ---- revoke

/// Puts the list where members look for it. How many hold it.
std::size_t publish(const Settings& settings, Authority& authority) {
    auto options = settings.options;
    options.federation = authority.federation().text();
    // A member for some minutes: a stranger is answered by nobody.
    const auto identity = new_identity();
    const auto membership =
        authority.admit(identity.node_id(), dht::Role::server, glib::now().date + std::chrono::minutes{10});
    const auto asker = join(options, {identity, encode(membership.certificate)});
    const auto list = authority.revocations();
    const auto put =
        asker->change([&](auto& node, auto now) { return node.put_mutable(list, std::nullopt, now); });
    Progress progress{[] { return std::string{"publishing the list"}; }};
    while (const auto stored = asker->wait_for<dht::ItemStored>(lookup_patience, &progress)) {
        if (stored->put == put && stored->complete) return stored->holders;
    }
    return 0;
}

int revoke(const Settings& settings) {
    const bool only_publish = settings.subject.empty();
    if (only_publish && settings.options.bootstrap.empty())
        throw UsageError{"NODE or --bootstrap is needed: whom to revoke, or where to publish the list again"};
    const auto member = only_publish ? dht::NodeId{} : parse_member(settings.subject);
    auto authority = Authority::open(settings.folder);
    const auto count = only_publish ? 0 : authority.revoke(member, glib::now().date);
    const auto list = authority.revocations();
    const bool told = !settings.options.bootstrap.empty();
    const auto holders = told ? publish(settings, authority) : 0;
    if (settings.options.json) {
        print_json(
            Json{json_pack("{sI sI ss sI}", "revoked", static_cast<json_int_t>(count), "seq",
                           static_cast<json_int_t>(list.seq), "file", authority.revocations_file().c_str(),
                           "holders", static_cast<json_int_t>(holders))});
    } else {
        if (!only_publish)
            std::printf("%zu %s of %s revoked; the list is %s\n", count,
                        count == 1 ? "certificate" : "certificates", member.hex().c_str(),
                        authority.revocations_file().c_str());
        if (told)
            std::printf("the list is held by %zu %s; all members know it within minutes\n", holders,
                        holders == 1 ? "node" : "nodes");
        if (!told)
            std::printf(
                "Nobody knows of it yet: publish it with 'viaduct federation revoke --bootstrap "
                "ADDRESS:PORT'\n");
    }
    if (told && holders == 0) throw std::runtime_error{"no node has taken the list; try again"};
    return only_publish || count > 0 ? exit_ok : exit_not_found;
}

// ---- show

int show_membership(const Settings& settings, const federation::Membership& membership) {
    const auto& certificate = membership.certificate;
    const auto today = glib::now().date;
    const bool sound =
        verify(certificate, membership.federation.text(), membership.member, *membership.federation.key);
    if (settings.options.json) {
        print_json(Json{json_pack(
            "{ss ss ss sI ss ss sb}", "type", "certificate", "federation",
            membership.federation.text().c_str(), "member", membership.member.hex().c_str(), "serial",
            static_cast<json_int_t>(certificate.serial), "role", word(certificate.role).c_str(), "expires",
            in_words(certificate.expires).c_str(), "signature_ok", sound ? 1 : 0)});
    } else {
        std::printf(
            "certificate %u\n  federation  %s\n  member      %s\n  role        %s\n  expires     %s\n  "
            "signature   %s\n",
            certificate.serial, printable(membership.federation.text()).c_str(),
            membership.member.hex().c_str(), word(certificate.role).c_str(),
            until(certificate.expires, today).c_str(), sound ? "right" : "WRONG");
    }
    return sound ? exit_ok : exit_failed;
}

int show_list(const Settings& settings, const dht::Item& item) {
    const auto list = read_revocations(item, *item.key);
    if (!list) throw std::runtime_error{settings.subject + ": its signature is wrong"};
    if (settings.options.json) {
        Json serials{json_array()};
        for (const auto serial : list->serials)
            json_array_append_new(serials.get(), json_integer(static_cast<json_int_t>(serial)));
        print_json(Json{json_pack("{ss ss sI so}", "type", "revocations", "key", dht::hex(*item.key).c_str(),
                                  "seq", static_cast<json_int_t>(list->seq), "serials", serials.release())});
        return exit_ok;
    }
    std::printf("revocation list %lld\n  key      %s\n  serials ", static_cast<long long>(list->seq),
                dht::hex(*item.key).c_str());
    for (const auto serial : list->serials) std::printf(" %u", serial);
    std::printf(list->serials.empty() ? " none\n" : "\n");
    return exit_ok;
}

int show_register(const Settings& settings) {
    const auto authority = Authority::open(settings.folder);
    const auto today = glib::now().date;
    const auto state = [&](const Authority::Entry& entry) {
        return entry.revoked ? "revoked" : entry.expires <= today ? "expired" : "valid";
    };
    if (settings.options.json) {
        Json members{json_array()};
        for (const auto& entry : authority.entries())
            json_array_append_new(
                members.get(),
                json_pack("{sI ss ss ss ss}", "serial", static_cast<json_int_t>(entry.serial), "member",
                          entry.member.hex().c_str(), "role", word(entry.role).c_str(), "expires",
                          in_words(entry.expires).c_str(), "state", state(entry)));
        print_json(Json{json_pack("{ss ss so}", "type", "federation", "federation",
                                  authority.federation().text().c_str(), "certificates", members.release())});
        return exit_ok;
    }
    std::printf("%s\n", printable(authority.federation().text()).c_str());
    for (const auto& entry : authority.entries())
        std::printf("%6u  %s  %s  %-7s  %s\n", entry.serial, entry.member.hex().c_str(),
                    word(entry.role).c_str(), state(entry), until(entry.expires, today).c_str());
    return exit_ok;
}

int show(const Settings& settings) {
    if (settings.subject.empty()) return show_register(settings);
    const auto text = glib::read_membership_text(settings.subject);
    if (!text) throw std::runtime_error{settings.subject + ": there is no such file"};
    if (const auto membership = federation::decode_membership(*text))
        return show_membership(settings, *membership);
    if (const auto list = federation::decode_revocations(*text)) return show_list(settings, *list);
    throw std::runtime_error{settings.subject + " is neither a certificate nor a revocation list"};
}

CLI::App* add(CLI::App& group, Run& run, const char* name, const char* what,
              int (*carry_out)(const Settings&), const std::shared_ptr<Settings>& settings) {
    auto* command = group.add_subcommand(name, what);
    command->add_option("-d,--directory", settings->folder, "Folder of the federation's key and register")
        ->capture_default_str();
    add_json(*command, settings->options);
    command->callback([=, &run] { run = [=] { return carry_out(*settings); }; });
    return command;
}

}  // namespace

void add_federation_commands(CLI::App& app, Run& run) {
    auto* group =
        app.add_subcommand("federation", "Found a closed federation; admit members and revoke them");
    group->require_subcommand(1);
    const auto settings = std::make_shared<Settings>();
    add(*group, run, "init", "Make the key of a new closed federation", init, settings)
        ->add_option("name", settings->subject, "Its name")
        ->required();

    auto* admit_command = add(*group, run, "admit", "Write a certificate for a node", admit, settings);
    admit_command
        ->add_option("node", settings->subject, "Its NodeID, or its public key in hexadecimal digits")
        ->required();
    admit_command->add_option("-e,--expires", settings->lifetime, "How long it counts: 365d, 12h, 30m, 90s")
        ->capture_default_str();
    admit_command->add_option("-r,--role", settings->role, "server; or reader, which only asks")
        ->check(CLI::IsMember({"server", "reader"}))
        ->capture_default_str();
    admit_command->add_option("-o,--output", settings->out_file,
                              "The certificate's file; default: NODEID.certificate in the folder");

    auto* revoke_command = add(*group, run, "revoke", "End a node's membership", revoke, settings);
    revoke_command->add_option("node", settings->subject,
                               "Its NodeID or public key; none: only publish the list again");
    add_bootstrap(*revoke_command, settings->options);

    add(*group, run, "show", "Show a certificate, a revocation list, or all that was issued", show, settings)
        ->add_option("file", settings->subject, "Certificate or list; none: the register in the folder");
}

}  // namespace tools
