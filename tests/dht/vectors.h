// SPDX-License-Identifier: LGPL-2.1-or-later
/// Reads tests/dht/vectors, which docs/dht.md shows as well: sections in brackets, a `name = text` a
/// line, where \xHH is one octet.
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dht/bytes.h"
#include "tests/check.h"

namespace vectors {

inline unsigned digit(char c) {
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

inline dht::Bytes from_hex(std::string_view hex) {
    dht::Bytes out;
    for (; hex.size() >= 2; hex.remove_prefix(2)) {
        out += static_cast<char>(digit(hex[0]) << 4U | digit(hex[1]));
    }
    return out;
}

inline dht::Bytes unescaped(std::string_view text) {
    dht::Bytes out;
    while (!text.empty()) {
        const bool escaped = text.starts_with("\\x") && text.size() >= 4;
        out += escaped ? from_hex(text.substr(2, 2)) : dht::Bytes(1, text.front());
        text.remove_prefix(escaped ? 4 : 1);
    }
    return out;
}

struct Section {
    std::string name;
    std::map<std::string, std::string, std::less<>> entries{};

    /// As it stands in the file; empty if it does not.
    [[nodiscard]] std::string text(std::string_view entry) const {
        const auto found = entries.find(entry);
        return found == entries.end() ? std::string{} : found->second;
    }
    [[nodiscard]] dht::Bytes octets(std::string_view entry) const { return unescaped(text(entry)); }
    [[nodiscard]] dht::Bytes hex(std::string_view entry) const { return from_hex(text(entry)); }
    [[nodiscard]] std::int64_t number(std::string_view entry) const { return std::stoll('0' + text(entry)); }

    template <std::size_t N>
    [[nodiscard]] std::array<std::uint8_t, N> array(std::string_view entry) const {
        const auto from = hex(entry);
        ck_assert_msg(from.size() == N, "%s of %s", std::string{entry}.c_str(), name.c_str());
        std::array<std::uint8_t, N> out{};
        std::copy(from.begin(), from.end(), out.begin());
        return out;
    }
};

inline std::vector<Section> read(const std::string& file) {
    std::ifstream in{VECTORS_FOLDER "/" + file};
    ck_assert_msg(in.good(), "%s", file.c_str());
    std::vector<Section> out;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with('[')) out.push_back({line.substr(1, line.find(']') - 1)});
        const auto equals = line.find(" = ");
        if (line.starts_with('#') || equals == std::string::npos || out.empty()) continue;
        out.back().entries.emplace(line.substr(0, equals), line.substr(equals + 3));
    }
    ck_assert(!out.empty());
    return out;
}

}  // namespace vectors
