// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>

#include "tools/crawler.h"

namespace tools {

/// The space of NodeIDs as a ring, from 0 at the top round to 2^160: nodes on it, records inside,
/// each with lines to its holders. For light and dark pages alike.
std::string svg_of(const Crawl& crawl);

}  // namespace tools
