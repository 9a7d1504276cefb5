// Launches: what execve(2) needs for each service, prepared once per configuration.
//
// Made from a Configuration and what the daemon itself was started with (Heritage). Pure. A Program that
// is handed out keeps the whole alive, so a child that is slow to execute never reads freed memory,
// whatever reload comes in between.
#pragma once

#include <sys/resource.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/service.h"
#include "sys/start.h"

namespace reeve {

// What programs inherit from the daemon's own start.
struct Heritage {
  std::vector<std::string> environment;  // NAME=value
  rlimit open_files{};                   // before the daemon raised its own
  int priority = 0;
  bool is_plain_root = false;  // uid and gid 0 and no supplementary groups: such a service needs no change of ids

  [[nodiscard]] static Heritage of_this_process(const rlimit& open_files);
};

class Launches {
 public:
  // `heritage` must outlive it and every Program.
  Launches(ConfigurationRef configuration, const Heritage& heritage);

  // Only for services of Kind::program.
  [[nodiscard]] ProgramRef program(std::size_t service) const;

 private:
  struct Store;
  std::shared_ptr<const Store> store_;
};

}  // namespace reeve
