// reeved: the door of the daemon. One executable, two processes: started by anybody it is the monitor;
// the monitor starts it again, with an argument that nobody types, as the engine.
#include <sys/prctl.h>

#include <span>
#include <string_view>

#include "engine/engine.h"
#include "monitor/engine_process.h"
#include "monitor/monitor.h"
#include "sys/privileges.h"
#include "sys/schedule.h"

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == reeve::kEngineArgument) {
    // The exec gave it the name of /proc/self/exe, and made it open to inspection by its user again.
    ::prctl(PR_SET_NAME, "reeved-engine", 0, 0, 0);
    reeve::forbid_inspection();
    reeve::prefer_short_turns();
    return reeve::run_engine(reeve::UniqueFd(reeve::kEngineSocket), "reeved");
  }
  const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
  return reeve::run_monitor(arguments.subspan(argc > 0 ? 1 : 0));
}
