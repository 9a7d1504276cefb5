// DoorGuard: what keeps the packets of unwelcome sources out of a wait = yes service's listener (config/source_filter.h).
//
// A server reads its listener by itself, so the kernel checks for us. For a stream the filter is always on; a datagram
// socket has it from the moment that it is handed over, and while nobody has it the engine looks at each datagram
// itself and can say who was refused. Filters of streams are put in place by the monitor (monitor/stream_guards.h), since
// some kernels want a privilege for them: the engine tells it who is banned, and for which places that has changed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/gate.h"
#include "engine/monitor_link.h"
#include "engine/post.h"

namespace reeve {

class DoorGuard {
 public:
  DoorGuard(Gate& gate, MonitorLink& monitor) : gate_(gate), monitor_(monitor) {}

  // Puts the filter of this moment in place: lists, bans, access_times. `admitted`: who is let in by his host name.
  // False: it can't be; errno says why, or 0 that the lists are too long.
  bool put_up(Door& door, const std::optional<Address>& admitted, Instant now);
  // Only datagram sockets are ever without.
  static void take_down(Door& door);

  // Does the queue hold a datagram that the filter would not have let in? Those came before it.
  [[nodiscard]] bool has_unwelcome(const Door& door, const std::optional<Address>& admitted, Instant now);

 private:
  void look_at_bans(Instant now);
  void tell_bans();

  Gate& gate_;
  MonitorLink& monitor_;
  std::vector<Prefix> banned_;      // as many as a filter may have room for
  std::uint32_t version_ = 1;       // of that list
  std::uint32_t told_version_ = 0;  // which one the monitor has
  Instant looked_{};
};

}  // namespace reeve
