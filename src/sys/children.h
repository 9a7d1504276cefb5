// Children that are not programs of services: a copy of this process that does one thing and exits, and
// the reaping of all children.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>

#include "base/result.h"
#include "sys/privileges.h"

namespace reeve {

// Forks a copy that runs `body` and exits with its value: without any of our descriptors, unprivileged
// (as `account` when given), with bounded memory and processor time, so that whatever the body meets harms
// nobody else. An exception or a fault ends it by a signal.
struct Confinement {
  std::optional<UserAccount> account;
  rlim_t cpu_seconds = 2;
  rlim_t memory_bytes = rlim_t{1} << 30;
};
[[nodiscard]] Result<pid_t> fork_confined(const Confinement& confinement, const std::function<int()>& body);

struct Reaped {
  pid_t pid = -1;
  int wait_status = 0;
  std::int64_t cpu_us = 0;
  std::int64_t max_rss_kb = 0;
};
// A child that has ended, if there is one.
[[nodiscard]] std::optional<Reaped> reap_child() noexcept;

// A child's pid is its own until it is reaped, so a signal can't hit anybody else.
bool send_signal(pid_t pid, int number) noexcept;

}  // namespace reeve
