// SPDX-License-Identifier: LGPL-2.1-or-later
#include "federation/glib/membership_watch.h"

#include <stdexcept>
#include <utility>

#include "federation/glib/membership_file.h"

namespace glib {

MembershipWatch::MembershipWatch(Loop& loop, std::string path, dht::FederationName federation,
                                 const dht::NodeId& self, dht::Bytes certificate, Renewed renewed, Warn warn,
                                 dht::Duration every)
    : path_(std::move(path)),
      federation_(std::move(federation)),
      self_(self),
      certificate_(std::move(certificate)),
      renewed_(std::move(renewed)),
      warn_(std::move(warn)),
      every_(every),
      timer_(loop, [this] { look_now_and_then(); }) {
    timer_.arm_in(every_);
}

/// A file that is being replaced may be missing, or half there: that is a complaint, and good the next time.
void MembershipWatch::look() {
    std::string complaint;
    try {
        auto certificate = encode(load_membership(path_, federation_, self_).certificate);
        if (certificate != certificate_) renewed_(certificate_ = std::move(certificate));
    } catch (const std::runtime_error& error) {
        complaint = error.what();
    }
    if (!complaint.empty() && complaint != complaint_) warn_(complaint);
    complaint_ = std::move(complaint);
}

void MembershipWatch::look_now_and_then() {
    look();
    timer_.arm_in(every_);
}

}  // namespace glib
