#include "simulate/tally.h"

#include <algorithm>
#include <array>
#include <functional>

namespace reeve {
namespace {

// Samples that a picture can show.
constexpr std::int64_t kMostSamples = 240;

std::chrono::nanoseconds step_of(std::chrono::nanoseconds duration) {
  using namespace std::chrono_literals;
  constexpr auto kSteps = std::to_array<std::chrono::nanoseconds>({1ms,   2ms,   5ms,   10ms, 20ms, 50ms, 100ms, 200ms, 500ms, 1s,   2s,
                                                                   3s,    5s,    10s,   15s,  20s,  30s,  1min,  2min,  3min,  5min, 10min,
                                                                   15min, 20min, 30min, 1h,   2h,   3h,   4h,    6h,    12h,   24h,  48h});
  for (const auto step : kSteps) {
    if (duration <= step * kMostSamples) return step;
  }
  return kSteps.back();
}

}  // namespace

VisitCounts Outcome::counts(const Scenario& scenario, Population::Kind kind) const {
  VisitCounts sum;
  for (std::size_t i = 0; i < populations.size(); ++i) {
    if (scenario.populations[i].kind == kind) sum += populations[i].counts;
  }
  return sum;
}

OutcomeTally::OutcomeTally(const Scenario& scenario, std::size_t services)
    : scenario_(scenario), services_(services), load_(scenario.machine.idle_load) {
  outcome_.step = step_of(scenario.duration);
  outcome_.over_time.resize(static_cast<std::size_t>((scenario.duration + outcome_.step - std::chrono::nanoseconds(1)) / outcome_.step));
  outcome_.populations.resize(scenario.populations.size());
  outcome_.peak_load = load_;
  for (std::uint32_t i = 0; i < services; ++i) services_[i].service = i;
}

// The sample of this moment; those before it, back to the last one, are given what ran meanwhile.
OutcomeSample& OutcomeTally::sample(Instant now) {
  const auto index = std::min(static_cast<std::size_t>(now.time_since_epoch() / outcome_.step), outcome_.over_time.size() - 1);
  for (; filled_ <= index; ++filled_) {
    outcome_.over_time[filled_].instances = instances_;
    outcome_.over_time[filled_].load = load_;
  }
  return outcome_.over_time[index];
}

void OutcomeTally::admitted(std::size_t population, std::uint32_t service, Fate fate, Instant now) {
  const bool honest = is_honest(population);
  OutcomeSample& at = sample(now);
  VisitCounts visit;
  if (fate == Fate::slow) {
    visit.slow = 1;
    ++(honest ? at.honest_slow : at.attack_served);
  } else {
    visit.served = 1;
    visit.bytes = scenario_.populations[population].bytes;
    ++(honest ? at.honest_served : at.attack_served);
  }
  outcome_.populations[population].counts += visit;
  (honest ? services_[service].honest : services_[service].attack) += visit;
}

void OutcomeTally::refused(std::size_t population, std::uint32_t service, const Refusal& refusal, bool is_lost, Instant now) {
  const bool honest = is_honest(population);
  OutcomeSample& at = sample(now);
  const VisitCounts visit{.lost = is_lost ? 1u : 0u, .refused = 1};
  outcome_.populations[population].counts += visit;
  (honest ? services_[service].honest : services_[service].attack) += visit;
  if (!honest) ++at.attack_refused;
  if (honest && is_lost) ++at.honest_lost;
  RuleOutcome& rule = rules_[{refusal.reason, refusal.where}];
  ++(honest ? rule.honest : rule.attack);
}

void OutcomeTally::running(std::uint32_t service, std::uint32_t of_service, std::uint32_t of_all, Instant now) {
  OutcomeSample& at = sample(now);
  instances_ = of_all;
  at.instances = std::max(at.instances, of_all);
  outcome_.peak_instances = std::max(outcome_.peak_instances, of_all);
  services_[service].peak = std::max(services_[service].peak, of_service);
}

void OutcomeTally::load(double average, Instant now) {
  OutcomeSample& at = sample(now);
  load_ = average;
  at.load = std::max(at.load, average);
  outcome_.peak_load = std::max(outcome_.peak_load, average);
}

void OutcomeTally::is_noted(std::size_t population, const NotedSource& source) {
  const bool honest = is_honest(population);
  std::optional<NotedSource>& worst = outcome_.populations[population].worst;
  const std::uint64_t weight = honest ? source.refused : source.served;
  if (weight == 0 || (worst && weight <= (honest ? worst->refused : worst->served))) return;
  worst = source;
}

Outcome OutcomeTally::finish(std::uint64_t bans_left, std::uint64_t events) {
  (void)sample(Instant(scenario_.duration));
  for (const ServiceOutcome& one : services_) {
    if (one.honest.attempts() + one.attack.attempts() > 0) outcome_.services.push_back(one);
  }
  for (auto& [key, rule] : rules_) {
    rule.reason = key.first;
    rule.where = key.second;
    outcome_.rules.push_back(rule);
  }
  std::ranges::stable_sort(outcome_.rules, std::ranges::greater{}, [](const RuleOutcome& rule) { return rule.honest + rule.attack; });
  for (const PopulationOutcome& one : outcome_.populations) outcome_.bans += one.bans;
  outcome_.bans_left = bans_left;
  outcome_.events = events;
  return std::move(outcome_);
}

}  // namespace reeve
