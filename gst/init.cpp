// SPDX-License-Identifier: LGPL-2.1-or-later
#include "gst/init.h"

#include <malloc.h>

#include <atomic>
#include <mutex>

#include "gst/ptr.h"
#include "gst/trunks.h"

#undef GST_CAT_DEFAULT

namespace gst {

namespace {

std::atomic<GstDebugCategory*> category = nullptr;

}  // namespace

void init() {
    static std::once_flag once;
    std::call_once(once, [] {
        gst_init(nullptr, nullptr);
        GstDebugCategory* made = nullptr;
        GST_DEBUG_CATEGORY_INIT(made, "viaduct", 0, "federation of WebRTC servers");
        category = made;
    });
}

GstDebugCategory* log_category() {
    GstDebugCategory* ours = category;
    return ours ? ours : GST_CAT_DEFAULT;
}

void Trunks::warm_up() {
    init();
    // dtlsdec makes the process's RSA key in its instance initialiser, and every webrtcbin uses it.
    take_floating(gst_element_factory_make("dtlsdec", nullptr));
    for (const char* name : {"webrtcbin", "nicesrc", "srtpdec", "rtpbin"})
        take_floating(gst_element_factory_make(name, nullptr));
    // Making keys and reading plugins leaves megabytes free but resident; an idle server needs them not.
    malloc_trim(0);
}

}  // namespace gst
