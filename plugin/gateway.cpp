// SPDX-License-Identifier: GPL-3.0-or-later
#include "plugin/gateway.h"

namespace plugin {

bool Core::push_event(const Handle& handle, const std::string& transaction, json_t* message, json_t* jsep) {
    return callbacks_->push_event(handle.get(), plugin_, transaction.empty() ? nullptr : transaction.c_str(),
                                  message, jsep) == 0;
}

void Core::relay_rtp(const Handle& handle, janus_plugin_rtp& packet) {
    callbacks_->relay_rtp(handle.get(), &packet);
}

void Core::relay_data(const Handle& handle, janus_plugin_data& message) {
    callbacks_->relay_data(handle.get(), &message);
}

void Core::relay_rtcp(const Handle& handle, janus_plugin_rtcp& packet) {
    callbacks_->relay_rtcp(handle.get(), &packet);
}

void Core::send_pli(const Handle& handle) {
    callbacks_->send_pli(handle.get());
}

void Core::send_pli_stream(const Handle& handle, int mindex) {
    callbacks_->send_pli_stream(handle.get(), mindex);
}

void Core::send_remb(const Handle& handle, std::uint32_t bits_per_second) {
    callbacks_->send_remb(handle.get(), bits_per_second);
}

void Core::close_pc(const Handle& handle) {
    callbacks_->close_pc(handle.get());
}

void Core::notify(const Handle& handle, json_t* event) {
    if (!events_ || !callbacks_->events_is_enabled()) return;
    callbacks_->notify_event(plugin_, handle.get(), json_incref(event));  // the core takes the reference
}

void Core::notify(json_t* event) {
    if (!events_ || !callbacks_->events_is_enabled()) return;
    callbacks_->notify_event(plugin_, nullptr, json_incref(event));
}

bool Core::signs_tokens() const {
    return callbacks_->auth_is_signed();
}

bool Core::is_signed(const std::string& token, const std::string& descriptor) const {
    return callbacks_->auth_signature_contains(plugin_, token.c_str(), descriptor.c_str());
}

}  // namespace plugin
