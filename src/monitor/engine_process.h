// EngineProcess: the engine as the monitor sees it: a process, and a socket to it.
//
// The engine is this very executable, started anew as an unprivileged user with nothing but the socket at
// kEngineSocket, standard error and the environment. When it dies another is started at once; only one
// that keeps dying young is held back a little.
#pragma once

#include <sys/types.h>

#include <optional>

#include "base/result.h"
#include "base/time.h"
#include "sys/message_socket.h"
#include "sys/privileges.h"

namespace reeve {

// The engine's command line, which nobody types: argv[1] of reeved.
constexpr const char* kEngineArgument = "--engine-on-descriptor-3";
constexpr int kEngineSocket = 3;

class EngineProcess {
 public:
  // `account`: whom it runs as; nullopt: as we do (not root).
  // `silent`: it gets no standard error either (in the background it would keep the launcher's open).
  EngineProcess(std::optional<UserAccount> account, bool silent) : account_(std::move(account)), silent_(silent) {}

  [[nodiscard]] Result<void> start(Instant now);
  [[nodiscard]] bool is_running() const noexcept { return pid_ > 0; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  // Only while it runs.
  [[nodiscard]] MessageSocket& socket() noexcept { return *socket_; }

  // It can't be trusted or doesn't answer; the end is reaped later, and nothing is heard from it any more.
  void kill() noexcept;
  [[nodiscard]] bool is_killed() const noexcept { return killed_; }
  // To be called when its pid was reaped: when the next may start.
  [[nodiscard]] Instant ended(Instant now) noexcept;
  // How many in a row died within a second of their start.
  [[nodiscard]] unsigned young_deaths() const noexcept { return young_deaths_; }

 private:
  std::optional<UserAccount> account_;
  bool silent_;
  pid_t pid_ = -1;
  std::optional<MessageSocket> socket_;
  Instant started_;
  bool killed_ = false;
  unsigned young_deaths_ = 0;
};

}  // namespace reeve
