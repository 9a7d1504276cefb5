// LogFiles: the files that a configuration logs to, numbered.
//
// The monitor opens them and the engine writes to them; both number them from the same Configuration, so
// a number means the same file on both sides (LogFilesMessage). Services with equal targets share a file.
// Pure; points into the Configuration, which must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "config/service.h"

namespace reeve {

class LogFiles {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit LogFiles(const Configuration& configuration);

  // Distinct targets of LogTarget::Kind::file in the order of their first use.
  [[nodiscard]] const std::vector<const LogTarget*>& targets() const noexcept { return targets_; }
  // Index into targets() of what a service of the configuration logs to; kNone when that is no file.
  [[nodiscard]] std::uint32_t index_of(const Service& service) const noexcept;

 private:
  std::vector<const LogTarget*> targets_;
  std::multimap<Text, std::uint32_t> by_path_;  // one path may occur with several formats and limits
};

}  // namespace reeve
