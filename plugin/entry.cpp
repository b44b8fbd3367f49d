// SPDX-License-Identifier: GPL-3.0-or-later
/// The C ABI: what Janus calls, a line or two each, and nothing thrown into C.

#include <atomic>
#include <exception>
#include <memory>
#include <string>

#include "plugin/config.h"
#include "plugin/json.h"
#include "plugin/plugin.h"
#include "plugin/version.h"

namespace {

using plugin::Json;

constexpr const char* package = "janus.plugin.viaduct";

/// Never deleted but by `destroy`: Janus's handle threads outlive `main`'s static destructors.
plugin::Plugin* instance = nullptr;
/// Set for good by `destroy`; the handle threads go on calling for a while.
std::atomic<bool> stopped{true};

template <class T, class Body>
T guard(T fallback, Body body) noexcept {
    try {
        return body();
    } catch (const std::exception& error) {
        JANUS_LOG(LOG_ERR, "[viaduct] %s\n", error.what());
    }
    return fallback;
}

template <class Body>
void guard(Body body) noexcept {
    guard(0, [&] { return body(), 0; });
}

/// The media thread's way to its conversation, without a lock: Janus calls `destroy_session` on the same
/// thread, after the last packet.
plugin::MediaPort* media_of(janus_plugin_session* handle) {
    if (stopped.load(std::memory_order_acquire) || !handle || g_atomic_int_get(&handle->stopped))
        return nullptr;
    const auto* front = static_cast<std::shared_ptr<plugin::Front>*>(handle->plugin_handle);
    return front ? (*front)->media() : nullptr;
}

/// Runs `task` on the loop, with what Janus knows as this handle.
template <class Task>
void post(janus_plugin_session* handle, Task task) {
    guard([&] {
        const auto front = stopped ? nullptr : instance->find(handle);
        if (front) instance->post(front, task);
    });
}

plugin::Section read_section(janus_config& file, const char* name) {
    plugin::Section values;
    janus_config_category* section = janus_config_get(&file, nullptr, janus_config_type_category, name);
    GList* items = section ? janus_config_get_items(&file, section) : nullptr;
    for (GList* node = items; node; node = node->next) {
        const auto* item = static_cast<janus_config_item*>(node->data);
        if (item->name) values[item->name] = item->value ? item->value : "";
    }
    g_list_free(items);
    return values;
}

/// The sections called room-NAME, by their names.
std::map<std::string, plugin::Section> read_rooms(janus_config& file) {
    constexpr std::string_view prefix = "room-";
    std::map<std::string, plugin::Section> rooms;
    GList* sections = janus_config_get_categories(&file, nullptr);
    for (GList* node = sections; node; node = node->next) {
        const auto* section = static_cast<janus_config_category*>(node->data);
        if (section->name && std::string_view{section->name}.starts_with(prefix))
            rooms[section->name + prefix.size()] = read_section(file, section->name);
    }
    g_list_free(sections);
    return rooms;
}

plugin::Config read_file(const std::string& path) {
    const std::unique_ptr<janus_config, void (*)(janus_config*)> file{janus_config_parse(path.c_str()),
                                                                      janus_config_destroy};
    if (!file)
        throw plugin::ConfigError{path + " cannot be read: copy " + path + ".sample there and edit it"};
    return plugin::read_config(read_section(*file, "general"), read_section(*file, "limits"),
                               read_rooms(*file));
}

extern janus_plugin table;

int init(janus_callbacks* callbacks, const char* config_path) noexcept {
    return guard(-1, [&] {
        const std::string path = std::string{config_path} + "/" + package + ".jcfg";
        const auto config = read_file(path);
        instance =
            new plugin::Plugin{config, std::make_unique<plugin::Core>(callbacks, &table, config.events)};
        stopped.store(false, std::memory_order_release);
        JANUS_LOG(LOG_INFO, "[viaduct] node %s of federation '%s'\n", instance->id().hex().c_str(),
                  config.federation.name.c_str());
        return 0;
    });
}

void destroy() noexcept {
    guard([] {
        if (stopped.exchange(true)) return;
        instance->stop();
    });
}

void create_session(janus_plugin_session* handle, int* error) noexcept {
    guard([&] {
        if (stopped) {
            *error = -1;
            return;
        }
        handle->plugin_handle = new std::shared_ptr<plugin::Front>{instance->create_session(handle)};
    });
}

void destroy_session(janus_plugin_session* handle, int* error) noexcept {
    guard([&] {
        if (stopped) {
            *error = -1;
            return;
        }
        instance->destroy_session(handle);
        delete static_cast<std::shared_ptr<plugin::Front>*>(std::exchange(handle->plugin_handle, nullptr));
    });
}

janus_plugin_result* handle_message(janus_plugin_session* handle, char* transaction, json_t* message,
                                    json_t* jsep) noexcept {
    const std::shared_ptr<char> owned{transaction, g_free};  // Janus hands over all three
    auto body = std::make_shared<Json>(message);
    auto sdp = std::make_shared<Json>(jsep);
    return guard<janus_plugin_result*>(nullptr, [&] {
        const auto front = stopped ? nullptr : instance->find(handle);
        if (!front)
            return janus_plugin_result_new(JANUS_PLUGIN_ERROR, stopped ? "Shutting down" : "No such session",
                                           nullptr);
        const char* request = json_string_value(json_object_get(body->get(), "request"));
        if (request && plugin::is_synchronous(request))
            if (auto answer = instance->answer(front, *body))
                return janus_plugin_result_new(JANUS_PLUGIN_OK, nullptr, answer->release());
        instance->post(front, [name = std::string{owned ? owned.get() : ""}, body,
                               sdp](plugin::Front& target) { target.handle(name, *body, *sdp); });
        return janus_plugin_result_new(JANUS_PLUGIN_OK_WAIT, nullptr, nullptr);
    });
}

json_t* handle_admin_message(json_t* message) noexcept {
    return guard<json_t*>(nullptr, [&] {
        const char* request = json_string_value(json_object_get(message, "request"));
        if (!stopped && request && std::string_view{request} == "status") return instance->status().release();
        if (!stopped && request && std::string_view{request} == "drain") {
            const json_t* draining = json_object_get(message, "drain");
            if (draining && !json_is_boolean(draining))
                return json_pack("{ss}", "error", "drain: true or false is accepted");
            return instance->drain(!json_is_false(draining)).release();
        }
        if (!stopped && request && plugin::is_synchronous(request))
            return instance->administer(message).release();
        return json_pack("{ss}", "error",
                         "Unknown request: 'status', 'drain' and those about rooms are accepted");
    });
}

void setup_media(janus_plugin_session* handle) noexcept {
    post(handle, [](plugin::Front& front) { front.media_up(); });
}

void incoming_rtp(janus_plugin_session* handle, janus_plugin_rtp* packet) noexcept {
    if (auto* media = media_of(handle)) media->incoming_rtp(*packet);
}

void incoming_rtcp(janus_plugin_session* handle, janus_plugin_rtcp* packet) noexcept {
    if (auto* media = media_of(handle)) media->incoming_rtcp(*packet);
}

void incoming_data(janus_plugin_session* handle, janus_plugin_data* message) noexcept {
    if (auto* media = media_of(handle)) media->incoming_data(*message);
}

void data_ready(janus_plugin_session* handle) noexcept {
    if (auto* media = media_of(handle)) media->data_ready();
}

void slow_link(janus_plugin_session* handle, int mindex, gboolean video, gboolean uplink) noexcept {
    post(handle, [=](plugin::Front& front) { front.slow_link(mindex, video != 0, uplink != 0); });
}

void hangup_media(janus_plugin_session* handle) noexcept {
    if (auto* media = media_of(handle)) media->data_closed();
    post(handle, [](plugin::Front& front) { front.media_gone(); });
}

json_t* query_session(janus_plugin_session* handle) noexcept {
    return guard<json_t*>(nullptr, [&] {
        const auto front = stopped ? nullptr : instance->find(handle);
        return front ? instance->query(front).release() : json_object();
    });
}

// JANUS_PLUGIN_INIT repeats its designators, which C++ refuses: every member stands here, in order.
janus_plugin table = {
    .init = init,
    .destroy = destroy,
    .get_api_compatibility = [] { return JANUS_PLUGIN_API_VERSION; },
    .get_version = [] { return plugin::version_number; },
    .get_version_string = []() -> const char* { return plugin::version; },
    .get_description = []() -> const char* {
        return "VideoCall and VideoRoom across a federation of Janus servers that find each other in a DHT.";
    },
    .get_name = []() -> const char* { return "Viaduct plugin"; },
    .get_author = []() -> const char* { return "The Viaduct authors"; },
    .get_package = []() -> const char* { return package; },
    .create_session = create_session,
    .handle_message = handle_message,
    .handle_admin_message = handle_admin_message,
    .setup_media = setup_media,
    .incoming_rtp = incoming_rtp,
    .incoming_rtcp = incoming_rtcp,
    .incoming_data = incoming_data,
    .data_ready = data_ready,
    .slow_link = slow_link,
    .hangup_media = hangup_media,
    .destroy_session = destroy_session,
    .query_session = query_session,
};

}  // namespace

extern "C" __attribute__((visibility("default"))) janus_plugin* create() {
    return &table;
}
