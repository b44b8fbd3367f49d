// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <initializer_list>

#include "federation/protocol.h"
#include "tests/check.h"

/// A message as it comes out at the other end.
template <class T>
T back(const T& message) {
    const auto decoded = federation::decode(federation::encode(message));
    ck_assert_msg(decoded.has_value(), "%s", federation::encode(message).c_str());
    const auto* same = std::get_if<T>(&decoded.value());
    ck_assert(same != nullptr);
    return *same;
}

/// Whose fields are not what they should be: the connection is closed.
inline void all_are_refused(std::initializer_list<const char*> texts) {
    for (const char* text : texts) {
        const auto decoded = federation::decode(text);
        ck_assert_msg(!decoded && !decoded.error().ignorable, "%s", text);
    }
}
