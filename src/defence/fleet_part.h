// FleetPart: the keeper's share in a fleet (defence/fleet.h): reads its secrets, and speaks with the engine for it.
//
// Where a secret can't be used that is said once, and shown as the state; bans then stay on this machine.
#pragma once

#include <memory>

#include "defence/keeper.h"

namespace reeve {

// The secrets are files that the monitor opened; `password` may be none.
[[nodiscard]] std::unique_ptr<KeeperPart> make_fleet_part(const KeeperDesk& desk, UniqueFd key, UniqueFd password);

}  // namespace reeve
