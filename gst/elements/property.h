// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gst/gst.h>

#include <cstdint>
#include <span>
#include <string>
#include <variant>

#include "gst/elements/node_settings.h"

namespace elements {

/// A property of an element that is one member of its settings.
template <class Settings>
struct Property {
    using Where = std::variant<std::string Settings::*, bool Settings::*, unsigned Settings::*,
                               std::uint64_t Settings::*, std::string NodeSettings::*>;
    const char* name;
    const char* nick;
    const char* what;  ///< for gst-inspect-1.0
    Where where;
    std::uint64_t most = 0;  ///< of a number
    bool changes_playing = false;
};

/// Properties are numbered from 1, in the order of the table.
template <class Settings>
void install(GObjectClass* object, std::span<const Property<Settings>> table);
template <class Settings>
void set(Settings& settings, const Property<Settings>& property, const GValue* value);
template <class Settings>
void get(const Settings& settings, const Property<Settings>& property, GValue* value);

// ---- The bodies

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

template <class Settings>
GParamSpec* spec_of(const Property<Settings>& p) {
    const Settings defaults{};
    const auto flags =
        static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
                                 (p.changes_playing ? GST_PARAM_MUTABLE_PLAYING : GST_PARAM_MUTABLE_READY));
    const auto text = [&](const std::string& value) {
        return g_param_spec_string(p.name, p.nick, p.what, value.empty() ? nullptr : value.c_str(), flags);
    };
    return std::visit(
        Overloaded{[&](std::string Settings::*where) { return text(defaults.*where); },
                   [&](std::string NodeSettings::*where) { return text(defaults.node.*where); },
                   [&](bool Settings::*where) {
                       return g_param_spec_boolean(p.name, p.nick, p.what, defaults.*where, flags);
                   },
                   [&](unsigned Settings::*where) {
                       return g_param_spec_uint(p.name, p.nick, p.what, 0, static_cast<guint>(p.most),
                                                defaults.*where, flags);
                   },
                   [&](std::uint64_t Settings::*where) {
                       return g_param_spec_uint64(p.name, p.nick, p.what, 0, p.most, defaults.*where, flags);
                   }},
        p.where);
}

template <class Settings>
void install(GObjectClass* object, std::span<const Property<Settings>> table) {
    guint id = 0;
    for (const auto& property : table) g_object_class_install_property(object, ++id, spec_of(property));
}

template <class Settings>
void set(Settings& settings, const Property<Settings>& property, const GValue* value) {
    const auto text = [value] {
        const char* given = g_value_get_string(value);
        return std::string{given ? given : ""};
    };
    std::visit(
        Overloaded{[&](std::string Settings::*where) { settings.*where = text(); },
                   [&](std::string NodeSettings::*where) { settings.node.*where = text(); },
                   [&](bool Settings::*where) { settings.*where = g_value_get_boolean(value) != FALSE; },
                   [&](unsigned Settings::*where) { settings.*where = g_value_get_uint(value); },
                   [&](std::uint64_t Settings::*where) { settings.*where = g_value_get_uint64(value); }},
        property.where);
}

template <class Settings>
void get(const Settings& settings, const Property<Settings>& property, GValue* value) {
    std::visit(
        Overloaded{
            [&](std::string Settings::*where) { g_value_set_string(value, (settings.*where).c_str()); },
            [&](std::string NodeSettings::*where) {
                g_value_set_string(value, (settings.node.*where).c_str());
            },
            [&](bool Settings::*where) { g_value_set_boolean(value, settings.*where); },
            [&](unsigned Settings::*where) { g_value_set_uint(value, settings.*where); },
            [&](std::uint64_t Settings::*where) { g_value_set_uint64(value, settings.*where); }},
        property.where);
}

// ---- What both elements say of their node

constexpr const char* bootstrap_text =
    "Nodes of the federation to begin with: ADDRESS:PORT, several with commas. 'viaduct node' shows its own";
constexpr const char* federation_text =
    "Only nodes that give the same name find each other; NAME@KEY is a closed federation";
constexpr const char* identity_text =
    "Key file, made if it is not there. With it the NodeID stays the same from start to start; elements of "
    "one "
    "process with the same file share a node. None: a new key each time";
constexpr const char* certificate_text =
    "Membership certificate of a closed federation; none: the file beside identity-file";
constexpr const char* listen_text =
    "ADDRESS or ADDRESS:PORT where other nodes reach this one, by UDP and TCP; none: every address, any port";

/// What an application, or another element, provides in a GstContext "viaduct.node": fields of the names of
/// the properties identity-file, certificate-file, federation, bootstrap and listen-address, all strings. It
/// fills in what the element's own properties leave open.
constexpr const char* node_context = "viaduct.node";
void fill_in(NodeSettings& settings, GstContext* context);

}  // namespace elements
