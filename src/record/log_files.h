// LogFileTable: the log files of a configuration, each once.
//
// The monitor opens them in this order and the engine's Journal writes to them by the same index; both
// make the table from the same configuration, so that an index means the same file on both sides.
#pragma once

#include <cstdint>
#include <vector>

#include "config/service.h"

namespace reeve {

struct LogFileTable {
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Entry {
    Text path;
    Text service;  // id of its service, for messages; empty when several share the file
    std::uint64_t soft_limit = 0, hard_limit = 0;
  };
  std::vector<Entry> files;               // distinct by path and limits
  std::vector<std::uint32_t> of_service;  // index of the service -> index in `files`, or kNone
};

// Texts point into `configuration`.
[[nodiscard]] LogFileTable log_files(const Configuration& configuration);

}  // namespace reeve
