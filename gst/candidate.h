// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string_view>

namespace gst {

enum class CandidateVerdict { good, useless, bad };

/// One "candidate:…" (RFC 8839 §5.1) of a peer. Useless is what a trunk does not use (TCP, RTCP's
/// component, hidden .local names); bad is what no honest peer sends. Names are never resolved: only
/// literal unicast addresses are good, and loopback only where `loopback` says so.
CandidateVerdict check_candidate(std::string_view candidate, bool loopback);

}  // namespace gst
