// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace plugin {

/// The answer that a browser gets which has offered layers by name. Janus hides the names from the callee,
/// whose answer therefore lacks the header extensions that carry them; and an answer without those makes
/// Janus, and the browser, give the simulcast up. They are put back under the ids of the offer, on each
/// m-line that offers them.
std::string with_layer_extensions(const std::string& answer, const std::string& offer);

}  // namespace plugin
