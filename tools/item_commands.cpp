// SPDX-License-Identifier: LGPL-2.1-or-later
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "dht/hex.h"
#include "dht/item.h"
#include "dht/item_puts.h"
#include "federation/glib/identity.h"
#include "tools/asker.h"
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/options.h"

namespace tools {

namespace {

struct ItemSettings {
    Options options;
    std::string target;
    std::string value;
    std::string salt;
    std::optional<std::int64_t> seq;
    std::optional<std::int64_t> cas;
};

Json hex_or_null(const dht::Item& item) {
    return item.is_mutable() ? Json{json_string(dht::hex(*item.key).c_str())} : Json{json_null()};
}

// ---- get-item

void print_found(const ItemSettings& settings, const dht::Key& target, const dht::ItemFound& found) {
    const auto value = found.item ? dht::bencode::parse(found.item->value) : std::nullopt;
    if (settings.options.json) {
        Json out{json_pack("{ss sb si}", "target", target.hex().c_str(), "found", value.has_value(), "hops",
                           found.hops)};
        if (value) {
            json_object_set_new(out.get(), "value", json_of(*value).release());
            json_object_set_new(out.get(), "key", hex_or_null(*found.item).release());
            if (found.item->is_mutable()) {
                json_object_set_new(out.get(), "seq", json_integer(found.item->seq));
            }
        }
        print_json(out);
    } else if (!value) {
        std::printf("no item at %s\n", target.hex().c_str());
    } else {
        if (found.item->is_mutable()) {
            std::printf("author %s\n  seq    %lld\n  value  ",
                        dht::node_id_of(*found.item->key).hex().c_str(),
                        static_cast<long long>(found.item->seq));
        }
        std::printf("%s\n", compact(json_of(*value)).c_str());
    }
}

int get_item(const ItemSettings& settings) {
    const auto target = dht::NodeId::from_hex(settings.target);
    if (!target) {
        throw UsageError{"TARGET \"" + settings.target +
                         "\" is not valid: 40 hexadecimal digits are accepted"};
    }
    const auto asker = join(settings.options, self_of(settings.options));
    asker->change([&](auto& node, auto now) { node.get_item(*target, settings.salt, now); });
    Progress progress{[] { return std::string{"asking nodes nearer and nearer"}; }};
    const auto found = asker->wait_for<dht::ItemFound>(lookup_patience, &progress);
    if (!found) throw std::runtime_error{"the lookup did not end in time; try again"};
    print_found(settings, *target, *found);
    return found->item ? exit_ok : exit_not_found;
}

// ---- put-item

dht::Item make_item(const ItemSettings& settings) {
    dht::Item item{.value = bencoded_value(settings.value)};
    const bool is_mutable = !settings.options.identity_file.empty();
    if (!is_mutable && (!settings.salt.empty() || settings.seq || settings.cas))
        throw UsageError{"--salt, --seq and --cas are for an item of an author: add --identity FILE"};
    if (is_mutable) {
        item.salt = settings.salt;
        item.seq = settings.seq.value_or(glib::now().date.time_since_epoch().count());
        sign(item, glib::load_identity(settings.options.identity_file));
    }
    const auto most = is_mutable ? dht::ItemPuts::mutable_value_bytes_max : dht::Item::value_bytes_max;
    if (item.value.size() > most) {
        throw UsageError{"VALUE has " + std::to_string(item.value.size()) + " octets bencoded: at most " +
                         std::to_string(most) + " are accepted"};
    }
    return item;
}

std::string refusal(const dht::ItemStored& stored) {
    switch (stored.error) {
        case 0:
            return "no node has taken the item";
        case 301:
            return "refused: what is held has another seq than --cas says";
        case 302:
            return "refused: one with the same or a greater seq is held";
        default:
            return "refused with BEP 44's error " + std::to_string(stored.error);
    }
}

void tell_stored(const ItemSettings& settings, const dht::Item& item, std::size_t holders) {
    const auto target = target_of(item);
    if (settings.options.json) {
        Json out{json_pack("{ss sI so}", "target", target.hex().c_str(), "holders",
                           static_cast<json_int_t>(holders), "key", hex_or_null(item).release())};
        if (item.is_mutable()) json_object_set_new(out.get(), "seq", json_integer(item.seq));
        print_json(out);
    } else {
        std::printf("%s is held by %zu %s for two hours\n", target.hex().c_str(), holders,
                    holders == 1 ? "node" : "nodes");
    }
}

int put_item(const ItemSettings& settings) {
    const auto item = make_item(settings);
    const auto asker = join(settings.options, self_of(settings.options));
    asker->change([&](auto& node, auto now) {
        item.is_mutable() ? node.put_mutable(item, settings.cas, now) : node.put_immutable(item.value, now);
    });
    Progress progress{[] { return std::string{"storing the item"}; }};
    const auto stored = asker->wait_for_the_end<dht::ItemStored>(lookup_patience, &progress);
    if (!stored) throw std::runtime_error{"the put did not end in time; try again"};
    if (stored->holders == 0) throw std::runtime_error{refusal(*stored)};
    tell_stored(settings, item, stored->holders);
    return exit_ok;
}

void add_common(CLI::App& command, ItemSettings& settings) {
    command.add_option("-s,--salt", settings.salt, "Which of an author's items")
        ->check([](const std::string& salt) {
            return salt.size() <= dht::Item::salt_bytes_max ? "" : "at most 64 octets are accepted";
        });
    add_required_bootstrap(command, settings.options);
    add_json(command, settings.options);
}

}  // namespace

void add_item_commands(CLI::App& app, Run& run) {
    const auto settings = std::make_shared<ItemSettings>();
    auto* get = app.add_subcommand("get-item", "Show the BEP 44 item at a target");
    get->add_option("target", settings->target, "40 hexadecimal digits, as put-item tells them")->required();
    add_common(*get, *settings);
    add_membership(*get, settings->options);
    get->callback([settings, &run] { run = [settings] { return get_item(*settings); }; });

    auto* put = app.add_subcommand("put-item", "Store a BEP 44 item, as BitTorrent's nodes do");
    put->add_option("value", settings->value, "A JSON object or list, or a text")->required();
    put->add_option("-i,--identity", settings->options.identity_file,
                    "Key file of the author, made if it is not there; without one the item is immutable");
    add_certificate(*put, settings->options);
    const auto any_seq = CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max());
    put->add_option("--seq", settings->seq, "Greater than that of what it replaces; default: the time")
        ->check(any_seq);
    put->add_option("--cas", settings->cas, "Only if what it replaces has that seq")->check(any_seq);
    add_common(*put, *settings);
    put->callback([settings, &run] { run = [settings] { return put_item(*settings); }; });
}

}  // namespace tools
