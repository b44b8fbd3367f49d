// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "federation/reason.h"

namespace federation {

// What can happen to the connection with another server, as calls, feeds and rooms are told.
struct LinkUp {};
struct LinkDown {};
struct LinkFailed {  ///< could not be dialled
    Reason reason;
    bool refused = false;  ///< its host says that nobody listens there
};
struct PeerRestarted {};
struct PeerExpelled {};  ///< a closed federation's: it is no member, or says that we are none
struct DeadlinePassed {};

}  // namespace federation
