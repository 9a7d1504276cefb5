#include "config/log_files.h"

namespace reeve {

LogFiles::LogFiles(const Configuration& configuration) {
  for (const Service& service : configuration.services) {
    if (service.log == nullptr || service.log->kind != LogTarget::Kind::file || index_of(service) != kNone) continue;
    by_path_.emplace(service.log->path, static_cast<std::uint32_t>(targets_.size()));
    targets_.push_back(service.log);
  }
}

std::uint32_t LogFiles::index_of(const Service& service) const noexcept {
  if (service.log == nullptr || service.log->kind != LogTarget::Kind::file) return kNone;
  const auto [begin, end] = by_path_.equal_range(service.log->path);
  for (auto at = begin; at != end; ++at) {
    const LogTarget* target = targets_[at->second];
    if (target == service.log || *target == *service.log) return at->second;
  }
  return kNone;
}

}  // namespace reeve
