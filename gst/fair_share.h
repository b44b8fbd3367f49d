// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <vector>

namespace gst {

/// Max-min fairness: the most that each of some senders may send so that all together keep within `capacity`.
/// Who wants less than this keeps what it wants, and leaves the rest to the others: voices are served before
/// pictures are. In one unit, whichever.
std::uint64_t fair_share(std::uint64_t capacity, std::vector<std::uint64_t> wants);

}  // namespace gst
