// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "federation/json.h"
#include "federation/reason.h"
#include "plugin/request.h"

namespace plugin {

using Fields = std::initializer_list<std::pair<const char*, std::string>>;

/// {"videocall":"event","result":{"event":NAME, …}}
federation::Json result_event(const char* name, Fields fields = {});
/// {"videocall":"event","result":{"list":[…]}}
federation::Json list_event(const std::vector<std::string>& users);
/// {"videocall":"event","error_code":…,"error":…,"reason":…}
federation::Json error_event(const ApiError& error);
/// {"event":NAME, …}, for Janus's event handlers.
federation::Json handler_event(const char* name, Fields fields = {});

}  // namespace plugin
