// What `reeve replay --plot` draws: whom the log's and the new configuration's gates let in, over time.
#pragma once

#include <string>

#include "cli/replay_text.h"

namespace reeve {

// An HTML page where the file's name ends so, else SVG.
[[nodiscard]] std::string replay_picture(const ReplaySummary& summary);

}  // namespace reeve
