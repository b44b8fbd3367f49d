// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/base64.h"

#include <sodium.h>

namespace dht {

namespace {

constexpr int variant = sodium_base64_VARIANT_ORIGINAL;

}  // namespace

std::string to_base64(std::string_view octets) {
    std::string out(sodium_base64_encoded_len(octets.size(), variant), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(octets.data()),
                      octets.size(), variant);
    out.pop_back();  // the C string's end
    return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
    Bytes out(text.size(), '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    const bool sound = sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                                         text.data(), text.size(), nullptr, &size, &end, variant) == 0 &&
                       end == text.data() + text.size();
    if (!sound) return std::nullopt;
    out.resize(size);
    // libsodium 1.0.18 takes some octets above 127 for digits.
    return to_base64(out) == text ? std::optional{std::move(out)} : std::nullopt;
}

}  // namespace dht
