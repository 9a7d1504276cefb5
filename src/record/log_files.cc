#include "record/log_files.h"

#include <map>
#include <tuple>

namespace reeve {

LogFileTable log_files(const Configuration& configuration) {
  LogFileTable table;
  table.of_service.reserve(configuration.services.size());
  std::map<std::tuple<Text, std::uint64_t, std::uint64_t>, std::uint32_t> known;
  for (const Service& service : configuration.services) {
    if (service.log == nullptr || service.log->kind != LogTarget::Kind::file) {
      table.of_service.push_back(LogFileTable::kNone);
      continue;
    }
    const LogTarget& log = *service.log;
    const auto next = static_cast<std::uint32_t>(table.files.size());
    const auto [place, is_new] = known.try_emplace({log.path, log.soft_limit, log.hard_limit}, next);
    if (is_new) {
      table.files.push_back({log.path, service.id, log.soft_limit, log.hard_limit});
    } else {
      table.files[place->second].service = {};
    }
    table.of_service.push_back(place->second);
  }
  return table;
}

}  // namespace reeve
