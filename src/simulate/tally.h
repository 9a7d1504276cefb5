// OutcomeTally: counts what happens while a simulation runs, and sums it up at its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "base/time.h"
#include "simulate/outcome.h"

namespace reeve {

class OutcomeTally {
 public:
  OutcomeTally(const Scenario& scenario, std::size_t services);

  enum class Fate : std::uint8_t { served, slow };
  void admitted(std::size_t population, std::uint32_t service, Fate fate, Instant now);
  // `is_lost`: it will not be attempted again.
  void refused(std::size_t population, std::uint32_t service, const Refusal& refusal, bool is_lost, Instant now);
  void banned(std::size_t population) { ++outcome_.populations[population].bans; }
  void found_closed(std::size_t population) { ++outcome_.populations[population].closed; }
  // From now on so many instances run, `of_service` of this service.
  void running(std::uint32_t service, std::uint32_t of_service, std::uint32_t of_all, Instant now);
  // The load average is another one from now on.
  void load(double average, Instant now);
  void is_noted(std::size_t population, const NotedSource& source);

  [[nodiscard]] Outcome finish(std::uint64_t bans_left, std::uint64_t events);

 private:
  [[nodiscard]] bool is_honest(std::size_t population) const noexcept {
    return scenario_.populations[population].kind == Population::Kind::honest;
  }
  [[nodiscard]] OutcomeSample& sample(Instant now);

  const Scenario& scenario_;
  Outcome outcome_;
  std::vector<ServiceOutcome> services_;
  std::map<std::pair<Reason, Where>, RuleOutcome> rules_;
  std::size_t filled_ = 0;  // samples up to this one know what runs
  std::uint32_t instances_ = 0;
  double load_ = 0;
};

}  // namespace reeve
