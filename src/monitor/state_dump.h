// State dump: what SIGUSR1 writes about the monitor's side; the engine adds its own behind it. Pure.
#pragma once

#include <functional>
#include <string>

#include "base/time.h"
#include "monitor/generation.h"
#include "monitor/process_table.h"

namespace reeve {

// Does this server still execute what its program was before an upgrade? (sys/program_age.h)
using RunsOld = std::function<bool(const Process& process, const char* path)>;

[[nodiscard]] std::string state_dump(const Generation& generation, ProcessTable& processes, const RunsOld& runs_old, Instant now);

}  // namespace reeve
