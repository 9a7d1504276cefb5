// Generation: one configuration and what the monitor acquired for it: its listeners, its programs, and the
// bytes it was parsed from, for engines to come.
//
// At most two exist: the one in force, and one that an engine has been asked to take over.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/unique_fd.h"
#include "config/plan.h"
#include "config/service.h"
#include "monitor/launches.h"
#include "monitor/listeners.h"

namespace reeve {

struct Generation {
  std::uint32_t number = 0;
  ConfigurationRef configuration;
  Plan plan;  // from the generation before
  Launches launches;
  std::vector<ListenerRef> listeners;  // by place; nullptr: none
  UniqueFd bundle;                     // memory file

  [[nodiscard]] const Service& service_at(std::size_t place) const noexcept {
    return configuration->services[configuration->places[place].service];
  }
};
using GenerationRef = std::shared_ptr<const Generation>;

}  // namespace reeve
