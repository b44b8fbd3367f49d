// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <gio/gio.h>

#include <functional>
#include <memory>
#include <utility>

namespace glib {

/// Owning pointers to C objects. A type with no line here does not compile; other floors add their
/// own lines (`template <> struct glib::Free<GstCaps> …`). The C functions are wrapped, never named
/// as template arguments: some are `static inline`, and the type would differ in each source file.
template <class T>
struct Free;

template <>
struct Free<char> {
    void operator()(char* p) const noexcept { g_free(p); }
};
template <>
struct Free<GError> {
    void operator()(GError* p) const noexcept { g_error_free(p); }
};
template <>
struct Free<GBytes> {
    void operator()(GBytes* p) const noexcept { g_bytes_unref(p); }
};
template <>
struct Free<GMainContext> {
    void operator()(GMainContext* p) const noexcept { g_main_context_unref(p); }
};
template <>
struct Free<GMainLoop> {
    void operator()(GMainLoop* p) const noexcept { g_main_loop_unref(p); }
};
template <>
struct Free<GUri> {
    void operator()(GUri* p) const noexcept { g_uri_unref(p); }
};

template <class T>
using Ptr = std::unique_ptr<T, Free<T>>;

/// A source that leaves its context when its owner goes: nothing fires afterwards.
struct DestroySource {
    void operator()(GSource* source) const noexcept {
        g_source_destroy(source);
        g_source_unref(source);
    }
};
using Source = std::unique_ptr<GSource, DestroySource>;

struct Unref {
    void operator()(gpointer object) const noexcept { g_object_unref(object); }
};

/// A reference to a GObject.
template <class T>
using Ref = std::unique_ptr<T, Unref>;

/// (transfer full): the callee gave us its reference.
template <class T>
Ref<T> take_ref(T* object) {
    return Ref<T>{object};
}

/// (transfer none): we take a reference of our own.
template <class T>
Ref<T> make_ref(T* object) {
    return Ref<T>{object ? static_cast<T*>(g_object_ref(object)) : nullptr};
}

/// A signal handler that is disconnected when its owner goes. It keeps the emitter alive.
class Connection {
public:
    Connection() = default;
    Connection(gpointer emitter, gulong handler) : emitter_(g_object_ref(emitter)), handler_(handler) {}
    Connection(Connection&& other) noexcept
        : emitter_(std::exchange(other.emitter_, nullptr)), handler_(std::exchange(other.handler_, 0)) {}
    Connection& operator=(Connection&& other) noexcept {
        std::swap(emitter_, other.emitter_);
        std::swap(handler_, other.handler_);
        return *this;
    }
    ~Connection() {
        if (!emitter_) return;
        g_signal_handler_disconnect(emitter_, handler_);
        g_object_unref(emitter_);
    }

private:
    gpointer emitter_ = nullptr;
    gulong handler_ = 0;
};

/// What an asynchronous function calls when it is done: `g_…_async(…, on_ready, ready([…](…) {…}))`.
/// It is called even after cancellation, so a lambda holds no owner: a weak pointer, or nothing.
using Ready = std::function<void(GObject* source, GAsyncResult* result)>;

inline gpointer ready(Ready call) {
    return new Ready{std::move(call)};
}

inline void on_ready(GObject* source, GAsyncResult* result, gpointer data) {
    const std::unique_ptr<Ready> call{static_cast<Ready*>(data)};
    (*call)(source, result);
}

/// Where a GLib function puts its error: `f(…, error.out())`.
class Error {
public:
    GError** out() {
        error_.reset();
        return reinterpret_cast<GError**>(&raw_);
    }
    /// Call after the function has returned.
    explicit operator bool() { return take() != nullptr; }
    const char* message() { return take() ? error_->message : "no error"; }
    [[nodiscard]] GError* get() { return take(); }

private:
    GError* take() {
        if (raw_) error_.reset(std::exchange(raw_, nullptr));
        return error_.get();
    }
    GError* raw_ = nullptr;
    Ptr<GError> error_;
};

}  // namespace glib
