// SPDX-License-Identifier: LGPL-2.1-or-later
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

#include "dht/record.h"
#include "federation/glib/identity.h"
#include "federation/name.h"
#include "federation/record_value.h"
#include "tools/asker.h"
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/options.h"

namespace tools {

namespace {

struct RecordSettings {
    Options options;
    std::string kind;
    std::string name;
    std::string value;
    int lifetime_seconds = 120;
    bool once = false;
};

/// Whether a record of that kind and name can be, and with that value.
void check(const RecordSettings& settings, const dht::Bytes& value) {
    dht::Record record;
    record.kind = settings.kind;
    record.name = settings.name;
    record.expires = glib::now().date + std::chrono::minutes{1};
    record.seq = 1;
    if (!dht::well_formed(record)) {
        throw UsageError{"KIND \"" + settings.kind + "\" and NAME \"" + settings.name +
                         "\" are not valid: 1 to 16 letters a-z, and 1 to 128 octets of UTF-8, are accepted"};
    }
    record.value = value;
    if (!dht::well_formed(record)) {
        throw UsageError{"VALUE has " + std::to_string(value.size()) +
                         " octets: a bencoded dictionary of at most " +
                         std::to_string(dht::Record::value_bytes_max) + " is accepted"};
    }
}

// ---- get

Json value_of(const dht::Record& record) {
    const auto value = dht::bencode::parse(record.value);
    return value ? json_of(*value) : json_of(std::string_view{record.value});
}

/// What the federation's own kinds say, in words; of others, all that there is.
std::string value_in_words(const dht::Record& record) {
    using std::chrono::floor;
    if (record.kind == federation::user_kind) {
        if (const auto user = federation::decode_user(dht::view(record.value))) {
            const auto since =
                std::chrono::sys_time<std::chrono::milliseconds>{std::chrono::milliseconds{user->registered}};
            return "registered " + in_words(floor<std::chrono::seconds>(since)) + ", signalling at " +
                   user->signalling.to_string();
        }
    }
    if (record.kind == federation::node_kind) {
        if (const auto node = federation::decode_node(dht::view(record.value)))
            return printable(node->software) + ", signalling at " + node->signalling.to_string();
    }
    return compact(value_of(record));
}

void print_text(const RecordSettings& settings, const dht::ValuesFound& found, dht::Date today) {
    if (found.records.empty()) {
        std::printf("no record %s/%s in federation '%s'\n", settings.kind.c_str(), settings.name.c_str(),
                    settings.options.federation.c_str());
    }
    for (const auto& record : found.records) {
        std::printf("publisher %s\n  seq      %llu\n  expires  %s (in %lld s)\n  value    %s\n",
                    record.publisher_id().hex().c_str(), static_cast<unsigned long long>(record.seq),
                    in_words(record.expires).c_str(),
                    static_cast<long long>((record.expires - today).count()), value_in_words(record).c_str());
    }
}

void print_records(const RecordSettings& settings, const dht::ValuesFound& found, dht::Key key) {
    Json records{json_array()};
    for (const auto& record : found.records) {
        json_array_append_new(
            records.get(), json_pack("{ss sI ss so}", "publisher", record.publisher_id().hex().c_str(), "seq",
                                     static_cast<json_int_t>(record.seq), "expires",
                                     in_words(record.expires).c_str(), "value", value_of(record).release()));
    }
    print_json(
        Json{json_pack("{ss ss ss so si}", "kind", settings.kind.c_str(), "name", settings.name.c_str(),
                       "key", key.hex().c_str(), "records", records.release(), "hops", found.hops)});
}

int get(const RecordSettings& settings) {
    check(settings, {});
    const auto key = dht::key_of(settings.options.federation, settings.kind, settings.name);
    const auto asker = join(settings.options, self_of(settings.options));
    asker->change([&](auto& node, auto now) { node.find_value(key, now); });
    Progress progress{[] { return std::string{"asking nodes nearer and nearer"}; }};
    const auto found = asker->wait_for<dht::ValuesFound>(lookup_patience, &progress);
    if (!found) throw std::runtime_error{"the lookup did not end in time; try again"};
    if (settings.options.json) {
        print_records(settings, *found, key);
    } else {
        print_text(settings, *found, glib::now().date);
    }
    return found->records.empty() ? exit_not_found : exit_ok;
}

// ---- put

/// A JSON object becomes the dictionary that it is; of any other text one is made.
dht::Bytes read_value(const std::string& text) {
    if (text.empty() || text.front() != '{') return dht::bencode::Dictionary{}.set("value", text).encode();
    return bencoded(*parse_value(text));
}

void tell_stored(const RecordSettings& settings, const dht::Identity& identity, std::size_t holders) {
    if (settings.options.json) {
        const auto key = dht::key_of(settings.options.federation, settings.kind, settings.name);
        print_json(
            Json{json_pack("{ss ss ss ss sI}", "kind", settings.kind.c_str(), "name", settings.name.c_str(),
                           "key", key.hex().c_str(), "publisher", identity.node_id().hex().c_str(), "holders",
                           static_cast<json_int_t>(holders))});
    } else {
        std::printf("%s/%s of %s is held by %zu %s", settings.kind.c_str(), settings.name.c_str(),
                    identity.node_id().hex().c_str(), holders, holders == 1 ? "node" : "nodes");
        std::printf(settings.once ? " for %d s\n" : "; refreshed every %d s, Ctrl-C withdraws it\n",
                    settings.once ? settings.lifetime_seconds : settings.lifetime_seconds / 2);
    }
    std::fflush(stdout);
}

/// Kept alive until the user has had enough.
void stay(Asker& asker, std::size_t holders) {
    while (!asker.interrupted()) {
        const auto event = asker.next(Asker::Clock::now() + std::chrono::hours{1});
        if (!event) continue;
        if (std::holds_alternative<dht::Superseded>(*event)) {
            std::fprintf(stderr, "viaduct: somebody else publishes this record with the same key\n");
        }
        const auto* stored = std::get_if<dht::Stored>(&*event);
        if (std::holds_alternative<dht::Lost>(*event)) {
            holders = 0;
        } else if (stored && stored->complete && stored->holders != holders) {
            holders = stored->holders;
        } else {
            continue;
        }
        std::fprintf(stderr, "viaduct: now held by %zu\n", holders);
    }
}

int put(const RecordSettings& settings) {
    const auto value = read_value(settings.value);
    check(settings, value);
    const auto identity = glib::load_identity(settings.options.identity_file);
    const auto asker = join(settings.options, {identity, certificate_of(settings.options, identity)});
    dht::PublicationId publication{};
    asker->mind_interrupts();
    asker->change([&](auto& node, auto now) {
        publication = node.publish(settings.kind, settings.name, value,
                                   std::chrono::seconds{settings.lifetime_seconds}, now);
    });
    Progress progress{[] { return std::string{"storing the record"}; }};
    const auto stored = asker->wait_for_the_end<dht::Stored>(lookup_patience, &progress);
    if (stored && stored->holders > 0) {
        tell_stored(settings, identity, stored->holders);
        if (settings.once) return exit_ok;
        stay(*asker, stored->holders);
    }
    asker->change([&](auto& node, auto now) { node.withdraw(publication, now); });
    asker->wait_until_quiet(std::chrono::milliseconds{100}, std::chrono::seconds{1});
    if (asker->interrupted()) return exit_ok;
    throw std::runtime_error{"no node has taken the record: is the clock of this machine right?"};
}

void add_name(CLI::App& command, RecordSettings& settings) {
    command.add_option("kind", settings.kind, "What it is about: user, node, …; letters a-z")->required();
    command.add_option("name", settings.name, "Whom or what of that kind")->required();
    add_required_bootstrap(command, settings.options);
    add_json(command, settings.options);
}

}  // namespace

void add_record_commands(CLI::App& app, Run& run) {
    const auto settings = std::make_shared<RecordSettings>();
    auto* get_command = app.add_subcommand("get", "Show all records under a name");
    add_name(*get_command, *settings);
    add_membership(*get_command, settings->options);
    get_command->callback([settings, &run] { run = [settings] { return get(*settings); }; });

    auto* put_command = app.add_subcommand("put", "Publish a signed record, and keep it until Ctrl-C");
    add_name(*put_command, *settings);
    put_command->add_option("value", settings->value, "A JSON object, or a text")->required();
    put_command
        ->add_option("-i,--identity", settings->options.identity_file,
                     "Key file of the publisher, made if it is not there")
        ->required();
    add_certificate(*put_command, settings->options);
    put_command
        ->add_option("-t,--lifetime", settings->lifetime_seconds,
                     "Seconds that the record lives when it is not refreshed")
        ->check(CLI::Range(10, 7200))
        ->capture_default_str();
    put_command->add_flag("--once", settings->once, "Store it, and leave it to its lifetime");
    put_command->callback([settings, &run] { run = [settings] { return put(*settings); }; });
}

}  // namespace tools
