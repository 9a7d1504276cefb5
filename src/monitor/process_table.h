// ProcessTable: the servers that run, each from its start until it is reaped.
//
// The monitor's own truth about them, which a new engine is told and no engine can change. Pure
// bookkeeping: signals are sent by the caller. A pid is nobody else's until it is reaped, so it names an
// instance safely.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/message.h"
#include "base/time.h"
#include "monitor/listeners.h"

namespace reeve {

struct Process {
  static constexpr std::uint32_t kNoService = UINT32_MAX;

  InstanceId id = 0;
  pid_t pid = -1;
  std::uint32_t service = kNoService;  // of the generation in force; kNoService: it is not configured any more
  Instant started;
  WireEndpoint source;
  ListenerRef lent;                // wait = yes: what the server listens on
  bool engine_knows = true;        // of those that know nothing of it, no engine is told the end
  std::optional<Instant> kill_at;  // it was asked to end and has until then
};

class ProcessTable {
 public:
  // False when there is one of that id or pid already.
  bool add(Process instance, std::size_t services);
  [[nodiscard]] Process* find(InstanceId id) noexcept;
  [[nodiscard]] bool has_process(pid_t pid) const noexcept { return by_pid_.contains(pid); }
  // Out of the table: it was reaped.
  [[nodiscard]] std::optional<Process> take(pid_t pid) noexcept;

  [[nodiscard]] std::uint32_t running(std::uint32_t service) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return by_pid_.size(); }
  void for_each(const std::function<void(Process&)>& visit);

  // A new configuration is in force: `continued_by[old]` is the service that goes on with old's instances.
  void renumber(const std::vector<std::uint32_t>& continued_by, std::size_t services);

  // It was asked to end and will be killed at `kill_at`; only the first such time counts.
  void set_deadline(Process& instance, Instant kill_at);
  [[nodiscard]] std::optional<Instant> next_deadline() const noexcept;
  // Whose time is over at `now`, each once.
  [[nodiscard]] std::vector<pid_t> take_overdue(Instant now);

  // "" or what does not fit together.
  [[nodiscard]] std::string inconsistency() const;

 private:
  void count(std::uint32_t service, int change) noexcept;

  std::unordered_map<pid_t, Process> by_pid_;
  std::unordered_map<InstanceId, pid_t> by_id_;
  std::vector<std::uint32_t> running_;  // by service
  std::multimap<Instant, pid_t> deadlines_;
};

}  // namespace reeve
