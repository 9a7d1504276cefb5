// Starting a follower: another executable of ours, with little more than a socket.
//
// Used by the monitor (monitor/followers.h). The child becomes `account` for good, without capabilities but the one that is asked
// for, and without a way to new privileges; its descriptors are 0, 1 and 2 and those it is given, from 3 on.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "sys/privileges.h"

namespace reeve {

struct FollowerStart {
  std::string path;                    // of the executable; found before the privileges are given up
  std::vector<std::string> arguments;  // argv, argv[0] included
  std::vector<int> descriptors;        // they become 3, 4, ...
  std::optional<UserAccount> account;  // nullopt: as we do (not root)
  std::optional<int> capability;       // CAP_*
  bool silent = false;                 // no standard error either
};
[[nodiscard]] Result<pid_t> start_follower(const FollowerStart& start);

// "reeved-defence" beside the executable of this process.
[[nodiscard]] std::string follower_path(const char* name);

}  // namespace reeve
