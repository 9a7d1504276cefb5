// MachineLoad: the load average of the last minute, as the kernel would have it, from the instances that run.
//
// The kernel samples every five seconds and weighs a sample less the older it is; so does this. Used by the simulation.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/time.h"
#include "simulate/random.h"
#include "simulate/scenario.h"

namespace reeve {

class MachineLoad {
 public:
  MachineLoad(const Machine& machine, Instant begin) : machine_(machine), next_sample_(begin + kEvery), average_(machine.idle_load) {}

  // `running` instances ran since the last call. True when there was a sample.
  bool advance(Instant now, std::uint32_t running) noexcept {
    if (next_sample_ > now) return false;
    for (; next_sample_ <= now; next_sample_ += kEvery) average_ = average_ * kept_ + demand(running) * (1 - kept_);
    return true;
  }
  [[nodiscard]] double average() const noexcept { return average_; }
  // How many times longer something takes while so many instances run.
  [[nodiscard]] double slowness(std::uint32_t running) const noexcept {
    return machine_.processors > 0 ? std::max(1.0, demand(running) / machine_.processors) : 1.0;
  }

 private:
  static constexpr std::chrono::seconds kEvery{5};

  [[nodiscard]] double demand(std::uint32_t running) const noexcept { return machine_.idle_load + machine_.load_per_instance * running; }

  Machine machine_;
  Instant next_sample_;
  double kept_ = power_of_e(-5.0 / 60.0);
  double average_;
};

}  // namespace reeve
