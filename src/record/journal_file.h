// JournalFile: a log file that the Journal writes to, opened by the monitor.
#pragma once

#include <cstdint>
#include <string>

#include "base/unique_fd.h"

namespace reeve {

struct JournalFile {
  UniqueFd fd;          // O_APPEND | O_CLOEXEC; may be invalid: lines for it are counted as lost
  std::string path;     // for messages
  std::string service;  // id of the service it belongs to, for messages; empty when shared
  std::uint64_t soft_limit = 0, hard_limit = 0;
};

}  // namespace reeve
