// Adoption: the messages by which an engine takes over a configuration (base/message.h has the order).
#pragma once

#include <string>
#include <vector>

#include "base/message.h"
#include "monitor/generation.h"
#include "monitor/holds.h"
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

// Adopt alone, which is enough for the engine to parse the configuration. `bundle` is its memory file.
void queue_adopt(MessageSocket& socket, std::uint32_t number, const Configuration& configuration, const UniqueFd& bundle,
                 const DaemonLog& log, const AdoptionTerms& terms);

// Queues all the rest. `former` is the generation the engine has (it keeps those listeners that it inherits),
// nullptr for a new engine, which also is told the running instances and the services that are held. Log files are opened here; those that
// can't be are returned as texts for the log.
[[nodiscard]] std::vector<std::string> queue_adoption(MessageSocket& socket, const GenerationRef& generation, const Generation* former,
                                                      ProcessTable& processes, const Holds& holds);

}  // namespace reeve
