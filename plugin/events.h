// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dht/node_id.h"
#include "federation/json.h"
#include "federation/reason.h"
#include "plugin/request.h"

namespace plugin {

/// What a server knows of the DHT.
struct KnownNodes {
    struct Node {
        std::string id, address;
    };
    std::string self;
    std::vector<Node> nodes;  ///< the nearest to ourselves first, at most `nodes_told_max`
    std::size_t known = 0;    ///< all of them
};
/// A message to a client has its limits, and a page that shows them too.
constexpr std::size_t nodes_told_max = 256;

using Fields = std::initializer_list<std::pair<const char*, std::string>>;

/// {"videocall":"event","result":{"event":NAME, …}}
federation::Json result_event(const char* name, Fields fields = {});
/// As result_event, with a member that is JSON: {"videocall":"event","result":{"event":NAME, …, KEY:JSON}}.
/// What is no JSON becomes null.
federation::Json result_event_with(const char* name, Fields fields, const char* key, const std::string& json);
/// {"videocall":"event","result":{"list":[…]}}
federation::Json list_event(const std::vector<std::string>& users);
/// {"videocall":"event","result":{"event":"simulcast","videocodec":CODEC,WHAT:LAYER}}
federation::Json simulcast_event(std::string_view codec, const char* what, int layer);
/// {"videocall":"event","result":{"event":"found","username":…,"server":NodeID,"took-ms":…}}
federation::Json found_event(const std::string& user, const dht::NodeId& server,
                             std::chrono::microseconds took);
/// {"videocall":"event","result":{"node":NodeID,"known":…,"nodes":[{"node":NodeID,"address":…},…]}}
federation::Json nodes_event(const KnownNodes& known);
/// {"videocall":"event","error_code":…,"error":…,"reason":…}
federation::Json error_event(const ApiError& error);
/// {"event":NAME, …}, for Janus's event handlers.
federation::Json handler_event(const char* name, Fields fields = {});

}  // namespace plugin
