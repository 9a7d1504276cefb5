// The options of `reeve explain` and `reeve replay`, for the door's command line. What both share with other verbs (-f, ...)
// is the door's.
#pragma once

#include <string>

#include "cli/explain.h"
#include "cli/replay.h"

namespace CLI {
class App;
}

namespace reeve {

void add_explain_options(CLI::App& verb, ExplainRequest& request, std::string& socket);
void add_replay_options(CLI::App& verb, ReplayRequest& request);

}  // namespace reeve
