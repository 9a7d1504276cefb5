// The firewall's process: an ordinary user whose only capability is CAP_NET_ADMIN. It is there only where the configuration asks for
// `kernel_bans` or `port = UNUSED`. What it does is defence/firewall.h; this is its loop and its talk with the engine.
#pragma once

#include "defence/follower.h"

namespace reeve {

// The whole life of the process.
int run_firewall(Beginning beginning);

}  // namespace reeve
