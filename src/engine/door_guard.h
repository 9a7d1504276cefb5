// DoorGuard: what keeps the packets of unwelcome sources out of a wait = yes service's listener (config/source_filter.h).
//
// A server reads its listener by itself, so the kernel checks for us. For a stream the filter is always on; a datagram
// socket has it from the moment that it is handed over, and while nobody has it the engine looks at each datagram
// itself and can say who was refused.
#pragma once

#include <optional>

#include "engine/gate.h"
#include "engine/post.h"

namespace reeve {

class DoorGuard {
 public:
  // Puts the filter of this moment in place: lists, bans, access_times. `admitted`: who is let in by his host name.
  // False: it can't be; errno says why, or 0 that the lists are too long.
  static bool put_up(Door& door, Gate& gate, const std::optional<Address>& admitted, Instant now);
  static void take_down(Door& door);

  // Does the queue hold a datagram that the filter would not have let in? Those came before it.
  [[nodiscard]] static bool has_unwelcome(const Door& door, Gate& gate, const std::optional<Address>& admitted, Instant now);
};

}  // namespace reeve
