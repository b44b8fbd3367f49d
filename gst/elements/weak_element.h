// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <memory>

#include "gst/ptr.h"

namespace elements {

/// Does not keep an element alive. From any thread.
class WeakElement {
public:
    explicit WeakElement(gpointer element) : ref_(new GWeakRef, free) {
        g_weak_ref_init(ref_.get(), element);
    }
    /// Null when it is gone.
    [[nodiscard]] gst::Ref<GstElement> get() const {
        return gst::Ref<GstElement>{static_cast<GstElement*>(g_weak_ref_get(ref_.get()))};
    }

private:
    static void free(GWeakRef* ref) {
        g_weak_ref_clear(ref);
        delete ref;
    }
    std::shared_ptr<GWeakRef> ref_;
};

}  // namespace elements
