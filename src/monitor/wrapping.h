// Wrapping: the monitor's part in rules of tcp wrappers: it runs their commands, and prepares starts that they change.
//
// The engine has decided that a rule speaks of a visit, and names it; what the rule says is read here from the
// administrator's files. Commands get /dev/null for 0, 1 and 2, run as the service's user (of a service without program as
// the engine's) and are children of the monitor. Nothing is queued: a command for which there is no place is not run, and
// the engine is told so.
//
// Bounds: kMaxCommands at once. After kCommandTime a command is killed; what it has put into the background itself is not.
#pragma once

#include <map>
#include <optional>
#include <unordered_map>

#include "base/message.h"
#include "base/time.h"
#include "monitor/generation.h"
#include "monitor/launches.h"
#include "monitor/servers.h"
#include "monitor/wrap_program.h"
#include "monitor/wrap_tables.h"
#include "record/daemon_log.h"
#include "sys/children.h"
#include "sys/privileges.h"

namespace reeve {

class Wrapping {
 public:
  static constexpr std::size_t kMaxCommands = 64;
  static constexpr std::chrono::minutes kCommandTime{10};

  struct Parts {
    DaemonLog& log;
    Servers& servers;
    const Heritage& heritage;
    const std::optional<UserAccount>& engine_account;
  };
  explicit Wrapping(Parts parts) : parts_(parts), tables_(parts.log) {}

  void read(const ReadWrapRulesMessage& asked, MessageSocket& engine) { tables_.answer(asked, engine); }
  // Runs a command, or prepares the start that follows.
  void take(const WrapMessage& message, const Generation* generation, MessageSocket& engine, Instant now);
  // What was prepared for the start of this instance, once.
  [[nodiscard]] Servers::Instead instead(InstanceId instance);

  // Was it one of the commands? The engine (nullptr: there is none) is told.
  bool reaped(const Reaped& reaped, MessageSocket* engine);
  [[nodiscard]] std::optional<Instant> deadline() const noexcept;
  void kill_overdue(Instant now);

 private:
  struct Command {
    InstanceId instance = 0;
    Instant kill_at;
  };
  [[nodiscard]] std::optional<PlainStart> plain_start(const WrapMessage& message, const Generation* generation) const;
  [[nodiscard]] bool run(const WrapMessage& message, ProgramRef program, Instant now);

  Parts parts_;
  WrapTables tables_;
  std::optional<std::pair<InstanceId, ProgramRef>> prepared_;
  std::unordered_map<pid_t, Command> commands_;
  std::optional<Instant> said_full_;
};

}  // namespace reeve
