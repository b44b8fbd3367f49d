// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <cstdint>

namespace dht {

/// A limit that the operator may set, of whatever `Config` it stands in: what the plugin's configuration and
/// the command line have in common. Why it is as it is says that Config.
template <class Config>
struct Limit {
    const char* name;  ///< in a configuration; on the command line with hyphens
    const char* what;
    std::uint64_t least;
    std::uint64_t most;
    std::uint64_t (*get)(const Config&);  ///< durations in seconds
    void (*set)(Config&, std::uint64_t);
};

/// A member of a Config, or a member of a member.
template <auto... Path>
struct Member;

template <class Config, class T, T Config::*First>
struct Member<First> {
    using Owner = Config;
    static auto& of(auto& config) { return config.*First; }
};

template <class Config, class T, T Config::*First, auto Second>
struct Member<First, Second> {
    using Owner = Config;
    static auto& of(auto& config) { return config.*First.*Second; }
};

template <auto... Path>
constexpr auto count(const char* name, const char* what, std::uint64_t least, std::uint64_t most) {
    using Config = typename Member<Path...>::Owner;
    return Limit<Config>{
        name,
        what,
        least,
        most,
        [](const Config& config) { return std::uint64_t{Member<Path...>::of(config)}; },
        [](Config& config, std::uint64_t value) { Member<Path...>::of(config) = value; },
    };
}

template <auto... Path>
constexpr auto seconds(const char* name, const char* what, std::uint64_t least, std::uint64_t most) {
    using Config = typename Member<Path...>::Owner;
    return Limit<Config>{
        name,
        what,
        least,
        most,
        [](const Config& config) {
            const auto duration = Member<Path...>::of(config);
            return static_cast<std::uint64_t>(
                std::chrono::duration_cast<std::chrono::seconds>(duration).count());
        },
        [](Config& config, std::uint64_t value) {
            Member<Path...>::of(config) = std::chrono::seconds{value};
        },
    };
}

}  // namespace dht
