// Differences: what in a configuration xinetd would take otherwise.
//
// Used by `reeve check`, so that nobody finds out in service. Looks at what services mean, not at mistakes
// (those are the parser's); services with compat = xinetd have no differences. Each line of a file is named once.
#pragma once

#include <vector>

#include "config/diagnostic.h"
#include "config/service.h"

namespace reeve {

// Notes, ordered by file and line.
[[nodiscard]] std::vector<Diagnostic> differences(const Configuration& configuration);

}  // namespace reeve
