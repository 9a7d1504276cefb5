#include "sys/children.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "sys/descriptors.h"
#include "sys/signals.h"

namespace reeve {

namespace {

void limit(__rlimit_resource resource, rlim_t value) noexcept {
  const rlimit both{value, value};
  ::setrlimit(resource, &both);
}

}  // namespace

Result<pid_t> fork_confined(const Confinement& confinement, const std::function<int()>& body) {
  const pid_t pid = ::fork();
  if (pid < 0) return failure("fork", errno);
  if (pid > 0) return pid;
  close_from(3);
  (void)silence_standard_streams(false);
  unblock_signals();
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_CPU, confinement.cpu_seconds);
#if !defined(REEVE_START_BY_FORK)  // a sanitizer's shadow memory is larger than any limit
  limit(RLIMIT_AS, confinement.memory_bytes);
#endif
  if (confinement.account && !become(*confinement.account)) ::_exit(126);
  renounce_new_privileges();
  // An exception must not unwind into the copy of what called us.
  const auto run = [&body]() noexcept { return body(); };
  ::_exit(run());
}

std::optional<Reaped> reap_child() noexcept {
  Reaped reaped;
  rusage used{};
  do {
    reaped.pid = ::wait4(-1, &reaped.wait_status, WNOHANG, &used);
  } while (reaped.pid < 0 && errno == EINTR);
  if (reaped.pid <= 0) return std::nullopt;
  const auto microseconds = [](const timeval& time) { return std::int64_t{time.tv_sec} * 1'000'000 + time.tv_usec; };
  reaped.cpu_us = microseconds(used.ru_utime) + microseconds(used.ru_stime);
  reaped.max_rss_kb = used.ru_maxrss;
  return reaped;
}

bool send_signal(pid_t pid, int number) noexcept {
  return pid > 0 && ::kill(pid, number) == 0;
}

}  // namespace reeve
