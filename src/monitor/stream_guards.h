// StreamGuards: keeps unwelcome sources away from streams that servers accept from by themselves.
//
// The kernel does it, by a filter on the listener (config/source_filter.h); some kernels take one for a TCP socket from a
// privileged process only. Used when listeners are opened and when a configuration comes into force, and when the engine
// asks. What a filter lets in is the configuration's word. The engine tells who is banned, and whether the service is open
// at this time (access_times): it can shut out more, never let in more.
//
// Bound: kMostBans; what is told beyond is left out, as it would be by a filter.
#pragma once

#include <cstddef>
#include <vector>

#include "base/address.h"
#include "base/message.h"
#include "base/result.h"
#include "monitor/generation.h"
#include "record/daemon_log.h"

namespace reeve {

class StreamGuards {
 public:
  static constexpr std::size_t kMostBans = 2048;  // the instructions of a filter have no room for more

  explicit StreamGuards(DaemonLog& log) : log_(log) {}

  void take(const BansMessage& message);
  // `generation` is the one in force, nullptr before there is any.
  void take(const GuardMessage& message, const Generation* generation);

  // Puts the filter in place, or takes it away where `service` has none.
  [[nodiscard]] Result<void> put_up(Listener& listener, const Service& service) const;

 private:
  DaemonLog& log_;
  std::vector<Prefix> banned_, told_;  // the list that counts; the one that is being told
};

}  // namespace reeve
