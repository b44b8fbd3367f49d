// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "federation/json.h"
#include "federation/owner.h"
#include "federation/reason.h"
#include "plugin/layer_map.h"

namespace plugin {

/// The error codes of janus.plugin.videocall.
enum class Code {
    no_message = 470,
    invalid_json = 471,
    invalid_request = 472,
    register_first = 473,
    invalid_element = 474,
    missing_element = 475,
    username_taken = 476,
    already_registered = 477,
    no_such_username = 478,
    use_echo_test = 479,
    already_in_call = 480,
    no_call = 481,
    missing_sdp = 482,
    invalid_sdp = 483,
    unknown = 499,
};

/// What the client is told: VideoCall's code, a sentence, and a word that programs can read.
struct ApiError {
    Code code;
    std::string text;
    std::string reason;
};

struct List {};
struct Register {
    std::string username;
    std::optional<federation::OwnerToken> token{};  ///< of a user who is registered elsewhere already
    bool direct = false;                            ///< this client knows what to do with a direct call
};
/// A description instead of a JSEP (both as JSON): media is to go between the two browsers.
struct Call {
    std::string username;
    std::optional<std::string> description{};
};
struct Accept {
    std::optional<std::string> description{};
};
struct Set {
    std::optional<std::string> description{};
    std::optional<bool> audio, video;
    std::optional<std::uint32_t> bitrate;  ///< bits per second; 0: no cap
    std::optional<bool> record;
    std::optional<std::string> filename;
    std::optional<int> substream, temporal;  ///< 0 to 2
    std::optional<std::uint32_t> fallback;   ///< microseconds; 0: as it is by default
    bool restart = false;
};
struct Hangup {
    std::optional<std::string> reason;
};
// Not in VideoCall.
struct Unregister {};
struct Decline {
    std::optional<std::string> reason;
};
struct Lookup {
    std::string username;
};
struct Nodes {};
// Of a direct call.
struct Trickle {
    std::string candidate;  ///< as JSON; empty: there are no more
};
struct Connected {};
struct Bridge {};
using Request = std::variant<List, Register, Call, Accept, Set, Hangup, Unregister, Decline, Lookup, Nodes,
                             Trickle, Connected, Bridge>;

/// The longest text that a client may hand us in one element.
constexpr std::size_t text_bytes_max = 512;

/// Everything a client sends is checked here and nowhere else.
std::variant<Request, ApiError> parse_request(const json_t* message);

/// The SDP that came with a request.
struct Jsep {
    std::string type;  ///< "offer" or "answer"
    std::string sdp;
    bool update = false;  ///< Janus saw that it renegotiates
    bool e2ee = false;
    std::vector<SimulcastMedia> simulcast{};  ///< what this browser sends in layers

    /// As the other browser's Janus is to get it.
    [[nodiscard]] std::string to_json() const;
};

/// Nothing came: 482. Something else than an SDP came: 483.
std::variant<Jsep, ApiError> parse_jsep(const json_t* jsep);

}  // namespace plugin
