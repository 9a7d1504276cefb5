// simulate: a scenario against a configuration in virtual time.
//
// Who comes is the scenario's, what happens to him is decided by the daemon's own code (policy/virtual_gate.h). Pure: the same
// scenario, configuration and seed give the same outcome on every machine; visits come at the same moments whatever the
// configuration, so that two can be compared. An agent takes 32 bytes and one event of 16.
//
// What it leaves out: what a client finds out before it is refused (banners, names, users: everybody is nameless, and nobody's
// user is known), hosts.allow and hosts.deny, the kernel's listen queue, and time that reeved itself needs.
#pragma once

#include <cstdint>
#include <vector>

#include "config/service.h"
#include "simulate/outcome.h"
#include "simulate/scenario.h"
#include "simulate/targets.h"

namespace reeve {

// `targets`: of find_targets() for this configuration, without errors.
[[nodiscard]] Outcome simulate(const Scenario& scenario, const ConfigurationRef& configuration, const std::vector<Targets>& targets);

}  // namespace reeve
