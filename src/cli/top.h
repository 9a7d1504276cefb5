// top: `reeve top`, a live view of the daemon on the whole screen.
#pragma once

#include <string>

#include "cli/answer.h"

namespace reeve {

// Ends when somebody quits, or when the terminal is gone. Where no daemon answers at the beginning, that is the answer.
[[nodiscard]] Answer run_top(const std::string& socket_path, bool colour);

}  // namespace reeve
