// WrapTables: the rules of tcp wrappers, read by the monitor for itself and for the engine.
//
// The engine says when one of the files has changed; they are read then, and each new state gets a number, by which the
// engine names rules. What is wrong in them is said in the daemon's log, once for each state. The files are the
// administrator's: only what root alone can change is obeyed (sys/config_files.h).
//
// Bound: kMostKept states, for visits that an older one decided; a visit of a still older one is refused.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include "base/message.h"
#include "base/unique_fd.h"
#include "config/wrap_gather.h"
#include "config/wrap_rules.h"
#include "record/daemon_log.h"
#include "sys/message_socket.h"

namespace reeve {

class WrapTables {
 public:
  static constexpr std::size_t kMostKept = 16;

  explicit WrapTables(DaemonLog& log, WrapPaths paths = {}) : log_(log), paths_(std::move(paths)) {}

  // Reads the files; the answer is queued.
  void answer(const ReadWrapRulesMessage& asked, MessageSocket& engine);
  // nullptr: there is no such rule, or no more.
  [[nodiscard]] std::shared_ptr<const WrapRule> find(std::uint32_t rules, std::uint32_t rule) const;

 private:
  struct Table {
    std::uint32_t number = 0;
    std::string bytes;  // of the bundle
    WrapRules rules;
  };
  void read();

  DaemonLog& log_;
  WrapPaths paths_;
  std::deque<std::shared_ptr<const Table>> tables_;  // the newest last
};

}  // namespace reeve
