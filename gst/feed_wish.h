// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <map>
#include <set>
#include <string>

#include "gst/feed_description.h"

namespace gst {

/// Sizes of one picture that a browser sends at once, 0 the smallest.
constexpr unsigned feed_layers = 3;

/// Which m-lines of a feed, and which of their layers, somebody wants: a bit for each layer. `wish` of
/// `subscribe` (docs/signalling.md).
using FeedWish = std::map<int, unsigned>;
/// `waiting`: m-lines of which somebody would see a picture at once.
std::string to_text(const FeedWish& wish, const std::set<int>& waiting = {});
/// Hostile input; what is no wish is none.
FeedWish wish_from(const std::string& text);
std::set<int> waiting_from(const std::string& text);
/// Everything that is published, of a simulcast the largest.
FeedWish whole(const FeedDescription& feed);
std::set<int> pictures(const FeedDescription& feed);

}  // namespace gst
