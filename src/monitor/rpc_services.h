// RpcServices: keeps rpcbind(8) told of the RPC services that are in force.
//
// Used by the monitor, which tells it what is in force and of which children have ended; the work is done by a child
// (sys/rpcbind.h), so nothing here waits. Services are served on their ports whether they are registered or not.
//
//   serve ── errand ── all as wanted: looked at again after kLookAgain, since an rpcbind that is started anew has forgotten
//              └────── something failed, or rpcbind does not answer: again after 1 s, 2 s, 4 s ... kLookAgain
//
// A registration of another program that lives is left alone and told; one whose port nobody has any more (left by a
// daemon that was killed) is replaced. Taken back is only what was registered here. What went wrong is said once, until
// it changes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time.h"
#include "monitor/generation.h"
#include "record/daemon_log.h"
#include "sys/children.h"
#include "sys/rpcbind.h"

namespace reeve {

class RpcServices {
 public:
  static constexpr std::chrono::seconds kPatience{5};  // for one errand
  static constexpr std::chrono::seconds kFarewell{2};  // for the last one
  static constexpr std::chrono::seconds kLookAgain{60};

  explicit RpcServices(DaemonLog& log) noexcept : log_(log) {}

  // `generation` is in force.
  void serve(const Generation& generation, Instant now);
  // The daemon ends: everything is taken back; is_idle() tells when.
  void retract(Instant now);
  [[nodiscard]] bool is_idle() const noexcept { return !errand_; }

  // True when that child was ours.
  bool reaped(const Reaped& reaped, Instant now);
  [[nodiscard]] std::optional<Instant> deadline() const noexcept { return due_; }
  void deadline_passed(Instant now);

 private:
  struct Wanted {
    Endpoint address;
    std::uint32_t service = 0;  // of configuration_
  };

  void begin(Instant now);
  void take_news(int wait_status);
  void complain(std::set<std::string> complaints);
  [[nodiscard]] std::string trouble_text(const std::string& why) const;
  [[nodiscard]] std::string name_of(const RpcKey& key) const;  // of its service

  DaemonLog& log_;
  ConfigurationRef configuration_;  // of what is wanted
  std::map<RpcKey, Wanted> wanted_;
  std::map<RpcKey, Endpoint> ours_;  // what is, or may be, registered by us
  std::optional<RpcErrand> errand_;  // under way
  std::optional<Instant> due_;       // when to kill it; when it is over, when to begin another
  std::chrono::seconds pause_{1};    // before the next try
  bool again_ = false;               // something changed meanwhile
  bool leaving_ = false;
  std::set<std::string> said_;  // the complaints that still hold
};

}  // namespace reeve
