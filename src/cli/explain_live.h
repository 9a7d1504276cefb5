// explain_live: `reeve explain` with what the running daemon knows, if there is one; else as on an idle machine.
#pragma once

#include <string>

#include "cli/explain.h"

namespace reeve {

// `socket`: the daemon's. The configuration is the daemon's file, as it is now.
[[nodiscard]] Answer explain_live(ExplainRequest request, const std::string& socket, FileReader& files, Names& names);

}  // namespace reeve
