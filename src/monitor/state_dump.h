// State dump: what SIGUSR1 writes about the monitor's side; the engine adds its own behind it. Pure.
#pragma once

#include <string>

#include "base/time.h"
#include "monitor/generation.h"
#include "monitor/process_table.h"

namespace reeve {

[[nodiscard]] std::string state_dump(const Generation& generation, ProcessTable& processes, Instant now);

}  // namespace reeve
