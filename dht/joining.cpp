// SPDX-License-Identifier: LGPL-2.1-or-later
#include "dht/joining.h"

#include <algorithm>

namespace dht {

void Joining::begin(const std::vector<Endpoint>& endpoints, Now now) {
    bootstrap_.add(endpoints, now.time);
    if (bootstrap_.empty() && !joined_) announce();
    if (!joined_) hold_searches(now);
}

void Joining::announce() {
    joined_ = true;
    events_.emplace_back(Joined{table_.size()});
}

void Joining::heard(const Endpoint& endpoint, Now now) {
    if (!bootstrap_.heard(endpoint, now.time) || !joined_) return;
    // Before, we were perhaps an island with those who had found us.
    look_around_in_ = look_around_first;
    look_around_at_ = now.time;
}

void Joining::met(bool first, Now now) {
    if ((joined_ && !first) || search_ != 0) return;
    search_ = next_id_++;
    searches_.start(search_, Search::For::joining, 0, self_, now);
}

void Joining::alone(Now now) {
    joined_ = bootstrap_.empty();
    bootstrap_.alone(now.time);
}

bool Joining::searched(Now now) {
    search_ = 0;
    if (table_.size() == 0) return false;
    table_.refresh_all(first_refresh_within, now.time);
    look_around_in_ = look_around_first;
    look_around_at_ = now.time + look_around_in_;
    announce();
    release_searches(now);
    return true;
}

void Joining::hold_searches(Now now) {
    searches_.hold(true, now);
    held_until_ = now.time + patience;
}

void Joining::release_searches(Now now) {
    held_until_ = Time::max();
    searches_.hold(false, now);
}

void Joining::look_around(Now now) {
    look_around_in_ = std::min(look_around_in_ * look_around_factor, look_around_max);
    look_around_at_ = now.time + look_around_in_;
    searches_.start(next_id_++, Search::For::refresh, 0, self_, now);
}

void Joining::advance(Now now) {
    if (now.time >= look_around_at_) look_around(now);
    if (now.time >= held_until_ && search_ == 0) release_searches(now);
}

std::optional<Time> Joining::deadline() const {
    Time earliest = std::min(look_around_at_, search_ == 0 ? held_until_ : Time::max());
    if (const auto bootstrap = bootstrap_.deadline()) earliest = std::min(earliest, *bootstrap);
    return earliest == Time::max() ? std::nullopt : std::optional{earliest};
}

}  // namespace dht
