// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <memory>

#include "plugin/janus.h"

namespace plugin {

/// Our share of a Janus handle. The core counts one reference on our behalf when it creates a
/// handle; while we keep it, a late push or relay is harmless. Gives it back exactly once.
class Handle {
public:
    explicit Handle(janus_plugin_session* session) : session_(session) {}
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { janus_refcount_decrease(&session_->ref); }

    [[nodiscard]] janus_plugin_session* get() const { return session_; }

private:
    janus_plugin_session* session_;
};

}  // namespace plugin
