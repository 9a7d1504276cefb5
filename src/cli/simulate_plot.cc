// A simulation as a picture; two configurations stand beside each other.
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/simulated.h"

namespace reeve {
namespace {

double seconds(std::chrono::nanoseconds duration) {
  return static_cast<double>(duration.count()) / 1e9;
}

// "tuned.conf" of "/etc/tuned.conf".
std::string base_name(const std::string& path) {
  return printable(path.substr(path.rfind('/') + 1));
}

template <class Value>
Series series(const Outcome& outcome, std::string name, Tone tone, double per, Value value) {
  Series result{.name = std::move(name), .tone = tone, .values = {}};
  result.values.reserve(outcome.over_time.size());
  for (const OutcomeSample& sample : outcome.over_time) result.values.push_back(static_cast<double>(value(sample)) / per);
  return result;
}

std::string named(std::string_view name, std::uint64_t count) {
  return fmt::format("{} ({})", name, with_commas(count));
}

Panel honest_panel(const Scenario& scenario, const Outcome& outcome) {
  const VisitCounts counts = outcome.counts(scenario, Population::Kind::honest);
  const double step = seconds(outcome.step);
  Panel panel{.title = "honest visits", .unit = "a second"};
  panel.series.push_back(
      series(outcome, named("served", counts.served), Tone::good, step, [](const auto& one) { return one.honest_served; }));
  if (counts.slow > 0)
    panel.series.push_back(
        series(outcome, named("too slow", counts.slow), Tone::first, step, [](const auto& one) { return one.honest_slow; }));
  panel.series.push_back(series(outcome, named("lost", counts.lost), Tone::bad, step, [](const auto& one) { return one.honest_lost; }));
  return panel;
}

Panel attack_panel(const Scenario& scenario, const Outcome& outcome) {
  const VisitCounts counts = outcome.counts(scenario, Population::Kind::attack);
  const double step = seconds(outcome.step);
  return {
      .title = "attack",
      .unit = "attempts a second",
      .series = {
          series(outcome, named("served", counts.served + counts.slow), Tone::bad, step, [](const auto& one) { return one.attack_served; }),
          series(outcome, named("refused", counts.refused), Tone::quiet, step, [](const auto& one) { return one.attack_refused; })}};
}

Panel instances_panel(const Outcome& outcome) {
  return {
      .title = "instances that run",
      .form = Panel::Form::lines,
      .series = {series(outcome, named("at most", outcome.peak_instances), Tone::first, 1, [](const auto& one) { return one.instances; })}};
}

Panel load_panel(const Outcome& outcome) {
  return {.title = "load of the machine",
          .form = Panel::Form::lines,
          .series = {series(outcome, fmt::format("at most {:.1f}", outcome.peak_load), Tone::second, 1,
                            [](const auto& one) { return one.load; })}};
}

bool has(const Scenario& scenario, Population::Kind kind) {
  return std::ranges::find(scenario.populations, kind, &Population::kind) != scenario.populations.end();
}

std::string in_a_sentence(const Simulated& simulated, const SimulatedRun& run) {
  const VisitCounts honest = run.outcome.counts(simulated.scenario, Population::Kind::honest);
  const VisitCounts attack = run.outcome.counts(simulated.scenario, Population::Kind::attack);
  std::string text = base_name(run.path) + ": ";
  if (has(simulated.scenario, Population::Kind::honest))
    text += fmt::format("{} of the honest visits served, ", share_text(honest.served, honest.visits()));
  if (has(simulated.scenario, Population::Kind::attack))
    text += fmt::format("{} of the attack, ", share_text(attack.served + attack.slow, attack.attempts()));
  return text + fmt::format("{} bans.", with_commas(run.outcome.bans));
}

}  // namespace

Plot simulated_plot(const Simulated& simulated) {
  const Scenario& scenario = simulated.scenario;
  Plot plot{.title = scenario.title.empty() ? base_name(simulated.path) : scenario.title, .description = {}};
  for (const SimulatedRun& run : simulated.runs) plot.description += (plot.description.empty() ? "" : " ") + in_a_sentence(simulated, run);
  plot.description += fmt::format(" {}, seed {}.", base_name(simulated.path), scenario.seed);
  plot.step = seconds(simulated.runs[0].outcome.step);
  plot.columns = static_cast<unsigned>(simulated.runs.size());
  const auto add = [&](auto make) {
    for (const SimulatedRun& run : simulated.runs) {
      Panel panel = make(run.outcome);
      if (simulated.runs.size() > 1) panel.title = base_name(run.path) + ": " + panel.title;
      plot.panels.push_back(std::move(panel));
    }
  };
  if (has(scenario, Population::Kind::honest)) add([&](const Outcome& outcome) { return honest_panel(scenario, outcome); });
  if (has(scenario, Population::Kind::attack)) add([&](const Outcome& outcome) { return attack_panel(scenario, outcome); });
  add(instances_panel);
  if (scenario.machine.load_per_instance > 0) add(load_panel);
  for (const Population& population : scenario.populations) {
    const auto until = population.until.value_or(scenario.duration);
    const bool is_all_the_time = population.from.count() == 0 && until >= scenario.duration;
    if (population.kind == Population::Kind::attack && !is_all_the_time && !population.every)
      plot.periods.push_back({population.name, seconds(population.from), seconds(std::min(until, scenario.duration))});
  }
  return plot;
}

std::vector<PlotTable> simulated_tables(const Simulated& simulated) {
  std::vector<PlotTable> tables;
  PlotTable& all = tables.emplace_back(PlotTable{.caption = "What was measured", .head = {""}, .rows = {}});
  for (const SimulatedRun& run : simulated.runs) all.head.push_back(run.path);
  for (std::vector<std::string>& row : all.rows = measured(simulated)) row.resize(all.head.size());
  for (const SimulatedRun& run : simulated.runs) {
    PlotTable& rules = tables.emplace_back(
        PlotTable{.caption = "Refused attempts by rule, " + run.path, .head = {"rule", "reason", "honest", "attack"}, .rows = {}});
    for (const RuleOutcome& rule : run.outcome.rules)
      rules.rows.push_back({place_text(run, rule), std::string(to_text(rule.reason)), with_commas(rule.honest), with_commas(rule.attack)});
  }
  return tables;
}

}  // namespace reeve
