// Adoption: the messages by which an engine takes over a configuration (base/message.h has the order).
#pragma once

#include <string>
#include <vector>

#include "base/message.h"
#include "monitor/generation.h"
#include "monitor/process_table.h"
#include "record/daemon_log.h"
#include "sys/message_socket.h"

namespace reeve {

// What every Adopt says besides the generation.
struct AdoptionTerms {
  std::int32_t daemon_pid = 0;
  std::uint32_t process_limit = UINT32_MAX;
  std::uint32_t ident_limit = 0;
  bool as_root = false;
  bool inetd_compat = false;
  Level least = Level::info;
};

// Queues all of it. `former` is the generation the engine has (it keeps those listeners that it inherits),
// nullptr for a new engine, which also is told the running instances. Log files are opened here; those that
// can't be are returned as texts for the log.
[[nodiscard]] std::vector<std::string> queue_adoption(MessageSocket& socket, const GenerationRef& generation, const Generation* former,
                                                      ProcessTable& processes, const DaemonLog& log, const AdoptionTerms& terms);

}  // namespace reeve
