// Targets: which services of a configuration the populations of a scenario visit.
#pragma once

#include <cstdint>
#include <vector>

#include "config/report.h"
#include "config/service.h"
#include "simulate/scenario.h"

namespace reeve {

// Nobody listens on that port.
constexpr std::uint32_t kNoService = UINT32_MAX;

struct Targets {
  std::vector<std::uint32_t> services;  // indices; for a scanner what each of its ports leads to
  std::vector<std::uint64_t> up_to;     // the weights of the services added up; empty for a scanner
};

// For each population. Names of services that are not there, or that can't be simulated, go to `report`.
[[nodiscard]] std::vector<Targets> find_targets(const Scenario& scenario, const Configuration& configuration, Report& report);

}  // namespace reeve
