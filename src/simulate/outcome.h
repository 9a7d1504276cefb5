// Outcome: what came of a scenario under one configuration. Counted by the simulation, shown by cli.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "config/where.h"
#include "policy/decide.h"
#include "simulate/scenario.h"

namespace reeve {

// A visit is what somebody wanted; an attempt one knock at the door. A refused visit may be attempted again.
struct VisitCounts {
  std::uint64_t served = 0;   // visits admitted
  std::uint64_t slow = 0;     // admitted, but the visitor's patience ended first
  std::uint64_t lost = 0;     // refused, and not attempted again
  std::uint64_t refused = 0;  // attempts
  std::uint64_t bytes = 0;    // sent to those served

  [[nodiscard]] std::uint64_t visits() const noexcept { return served + slow + lost; }
  [[nodiscard]] std::uint64_t attempts() const noexcept { return served + slow + refused; }
  VisitCounts& operator+=(const VisitCounts& other) noexcept {
    served += other.served;
    slow += other.slow;
    lost += other.lost;
    refused += other.refused;
    bytes += other.bytes;
    return *this;
  }
};

// One source that stands out.
struct NotedSource {
  Address address;
  std::uint64_t served = 0, refused = 0;  // attempts; `served` includes the slow
};

struct PopulationOutcome {
  VisitCounts counts;
  std::uint64_t bans = 0;            // made because of them
  std::uint64_t closed = 0;          // attempts at ports where nobody listens
  std::optional<NotedSource> worst;  // attack: served most; honest: refused most. nullopt: nobody was.
};

struct RuleOutcome {
  Reason reason = Reason::address;
  Where where;
  std::uint64_t honest = 0, attack = 0;  // attempts refused by it
};

struct ServiceOutcome {
  std::uint32_t service = 0;  // index into Configuration::services
  std::uint32_t peak = 0;     // instances at once
  VisitCounts honest, attack;
};

// One step of time.
struct OutcomeSample {
  std::uint32_t honest_served = 0, honest_slow = 0, honest_lost = 0;  // visits
  std::uint32_t attack_served = 0, attack_refused = 0;                // attempts
  std::uint32_t instances = 0;                                        // at most, at once
  double load = 0;                                                    // at most
};

struct Outcome {
  std::chrono::nanoseconds step{};
  std::vector<OutcomeSample> over_time;
  std::vector<PopulationOutcome> populations;  // as in the scenario
  std::vector<ServiceOutcome> services;        // those that were visited
  std::vector<RuleOutcome> rules;              // most refused first
  std::uint64_t bans = 0;                      // made in all
  std::uint64_t bans_left = 0;                 // in force at the end
  std::uint32_t peak_instances = 0;            // of all services together
  double peak_load = 0;
  std::uint64_t events = 0;

  [[nodiscard]] VisitCounts counts(const Scenario& scenario, Population::Kind kind) const;
};

}  // namespace reeve
