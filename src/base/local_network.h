// LocalNetwork: what a machine knows of its own network. sys/local_network.h finds it out, policy/never_ban.h spares it.
#pragma once

#include <vector>

#include "base/address.h"

namespace reeve {

// Each list is ordered and has nothing twice.
struct LocalNetwork {
  std::vector<Address> own;        // of its interfaces, but for the loopback's
  std::vector<Address> gateways;   // of its default routes
  std::vector<Address> operators;  // from where the daemon's operators work
  std::vector<Address> resolvers;  // of resolv.conf(5)

  friend bool operator==(const LocalNetwork&, const LocalNetwork&) = default;
};

}  // namespace reeve
