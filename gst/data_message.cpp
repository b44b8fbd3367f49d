// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/data_message.h"

namespace gst {

namespace {

void put(std::vector<std::uint8_t>& out, std::string_view word) {
    out.push_back(static_cast<std::uint8_t>(word.size() >> 8));
    out.push_back(static_cast<std::uint8_t>(word.size()));
    out.insert(out.end(), word.begin(), word.end());
}

std::optional<std::string_view> take(std::span<const std::uint8_t>& text) {
    if (text.size() < 2) return std::nullopt;
    const std::size_t size = static_cast<std::size_t>(text[0]) << 8 | text[1];
    if (size > data_label_bytes_max || text.size() < 2 + size) return std::nullopt;
    const std::string_view word{reinterpret_cast<const char*>(text.data()) + 2, size};
    text = text.subspan(2 + size);
    return word;
}

}  // namespace

std::string_view word(DataVerdict verdict) {
    switch (verdict) {
        case DataVerdict::taken:
            return "taken";
        case DataVerdict::too_big:
            return "the data message is too big";
        case DataVerdict::full:
            return "too much data waits to be sent";
        case DataVerdict::closed:
            return "the call is over";
    }
    return {};
}

bool fits(const DataMessage& message) {
    return message.bytes.size() <= data_message_bytes_max && message.label.size() <= data_label_bytes_max &&
           message.protocol.size() <= data_label_bytes_max;
}

std::vector<std::uint8_t> encode(const DataMessage& message) {
    std::vector<std::uint8_t> out;
    out.reserve(4 + message.label.size() + message.protocol.size() + message.bytes.size());
    put(out, message.label);
    put(out, message.protocol);
    out.insert(out.end(), message.bytes.begin(), message.bytes.end());
    return out;
}

std::optional<DataMessage> decode_data_message(std::span<const std::uint8_t> text, bool binary) {
    const auto label = take(text);
    if (!label) return std::nullopt;
    const auto protocol = take(text);
    if (!protocol || text.size() > data_message_bytes_max) return std::nullopt;
    return DataMessage{*label, *protocol, binary, text};
}

}  // namespace gst
