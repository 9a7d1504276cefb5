// Which ports the engine's listeners have: for the firewall, which is to guard just these, or to leave them alone.
#pragma once

#include <vector>

#include "base/defence_message.h"
#include "engine/post.h"

namespace reeve {

// Asks the kernel, so that a port that it chose is known, too. Listeners that are not open, and unix sockets, have none.
[[nodiscard]] std::vector<WirePort> open_ports(const std::vector<DoorRef>& doors);

}  // namespace reeve
