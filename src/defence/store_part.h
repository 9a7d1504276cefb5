// The store as a part of the keeper: the engine's words to the store's thread, and what that says back to the engine.
#pragma once

#include <memory>
#include <string>

#include "defence/keeper.h"

namespace reeve {

// `directory`: the keeper's own. `desk` outlives the part.
[[nodiscard]] std::unique_ptr<KeeperPart> make_store_part(const KeeperDesk& desk, std::string directory);

}  // namespace reeve
