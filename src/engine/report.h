// What the engine says about itself when it is asked: the state dump (SIGUSR1) and the consistency check
// (SIGABRT).
#pragma once

#include <string>
#include <vector>

#include "engine/doors.h"
#include "engine/gate.h"
#include "engine/inquiries.h"
#include "engine/instance.h"
#include "engine/post.h"
#include "engine/tarpit.h"

namespace reeve {

// Services with their counts, instances with their sources, bans with what is left of them, how many are in the tarpit.
[[nodiscard]] std::string state_text(const std::vector<PostRef>& posts, const Doors& doors, Instances& instances, Gate& gate,
                                     const Inquiries& inquiries, const Tarpit& tarpit, Instant now);

// Invariants that must hold between two turns of the loop; one line for each that does not. Empty: passed.
[[nodiscard]] std::vector<std::string> inconsistencies(const std::vector<PostRef>& posts, const Doors& doors, Instances& instances,
                                                       Gate& gate);

}  // namespace reeve
