// explain_access: only_from and no_access in words.
#pragma once

#include "cli/explanation.h"

namespace reeve {

// `said`: the check's own verdict.
[[nodiscard]] ExplainStep explain_access(const Configuration& configuration, const Service& service, const Address& source,
                                         const HostName& name, const Verdict& said);

}  // namespace reeve
