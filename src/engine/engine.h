// The engine: the unprivileged process that meets strangers.
//
// It accepts, decides, greets, runs the built-in services, and asks the monitor to start programs. This is
// its door: everything else in this room is built and connected here.
#pragma once

#include <string>

#include "base/unique_fd.h"

namespace reeve {

// Serves until the monitor says leave or is gone. `program` is the name in log lines. Returns the exit status.
int run_engine(UniqueFd monitor, std::string program);

}  // namespace reeve
