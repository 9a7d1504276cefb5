// Servers: starts them when the engine asks, ends them, and tells the engine what became of each.
//
// What is run, as whom and how often is the configuration's word, not the engine's: a request names a
// generation and a service, and the count here decides again. Nothing is queued: what can't be started now
// is answered at once.
#pragma once

#include <optional>

#include "base/message.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "monitor/generation.h"
#include "monitor/process_table.h"
#include "record/daemon_log.h"
#include "sys/children.h"
#include "sys/message_socket.h"
#include "sys/security_labels.h"
#include "sys/start.h"

namespace reeve {

class Servers {
 public:
  Servers(int first_high, DaemonLog& log) : log_(log), starter_(first_high) {}

  // What a rule of tcp wrappers makes of a start: another program than the service's own, or none.
  using Instead = std::optional<ProgramRef>;
  // `generation` is the one in force, nullptr before there is any. The answer, if there is one yet, is queued.
  void start(const StartMessage& wanted, UniqueFd connection, const Generation* generation, const Instead& instead, MessageSocket& engine,
             Instant now);
  // What is told of the client of the start that comes next.
  void take(const ClientMessage& message) { client_ = message; }
  // Was it one of ours? The engine (nullptr: there is none) is told.
  bool reaped(const Reaped& reaped, MessageSocket* engine);

  // SIGTERM now, SIGKILL after the grace.
  void end(Process& process, Instant now, std::chrono::seconds grace = std::chrono::seconds(5));
  void end_all(Instant now, std::chrono::seconds grace);
  void kill_overdue(Instant now);
  void kill_all();

  // How many descriptors a child would have to copy decides how it is started, see Starter.
  void expect_listeners(std::size_t count) noexcept { starter_.share_descriptors(count > kFewListeners); }

  // See Starter::settle.
  bool settle() noexcept { return starter_.settle(); }

  [[nodiscard]] Starter& starter() noexcept { return starter_; }
  [[nodiscard]] ProcessTable& processes() noexcept { return processes_; }

 private:
  // Below this a copy of the table costs less than sharing it.
  static constexpr std::size_t kFewListeners = 200;

  struct Refusal {
    StartStage stage;
    int sys_errno = 0;
  };
  [[nodiscard]] std::optional<Refusal> check(const StartMessage& wanted, const UniqueFd& connection, const Generation* generation,
                                             const Instead& instead);

  // The context of a LABELED service's program; empty: as the policy has it. An error is written down.
  [[nodiscard]] Result<std::string> security_context(const Service& service, int connection, const Program& program);

  DaemonLog& log_;
  Starter starter_;
  SecurityLabels labels_;
  ProcessTable processes_;
  std::optional<ClientMessage> client_;
};

}  // namespace reeve
