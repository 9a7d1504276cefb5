// Alerts: the keeper's part that tells others of events; what takes its time is on a thread (defence/alert_thread.h).
#pragma once

#include <memory>
#include <vector>

#include "base/unique_fd.h"
#include "defence/keeper.h"

namespace reeve {

// `files`: of the sinks that are files, in their order. nullptr: nobody is to be told.
[[nodiscard]] std::unique_ptr<KeeperPart> make_alerts(const KeeperDesk& desk, std::vector<UniqueFd> files);

}  // namespace reeve
