// The figures of a simulation in words, as text and page show them.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/simulated.h"

namespace reeve {
namespace {

using Row = std::vector<std::string>;

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"bytes", "KB", "MB", "GB", "TB"};
  double size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 999.5 && unit + 1 < kUnits.size(); ++unit) size /= 1000;
  return fmt::format("{:.{}f} {}", size, unit == 0 || size >= 99.5 ? 0 : 1, kUnits[unit]);
}

template <class Value>
Row row(const Simulated& simulated, std::string name, Value value) {
  Row cells{std::move(name)};
  for (const SimulatedRun& run : simulated.runs) cells.push_back(value(run));
  return cells;
}

void add_population(std::vector<Row>& rows, const Simulated& simulated, std::size_t index) {
  const Population& population = simulated.scenario.populations[index];
  const auto of = [index](const SimulatedRun& run) -> const PopulationOutcome& { return run.outcome.populations[index]; };
  const auto any = [&](auto member) {
    return std::ranges::any_of(simulated.runs, [&](const SimulatedRun& run) { return member(of(run)) > 0; });
  };
  const bool is_honest = population.kind == Population::Kind::honest;
  rows.push_back({fmt::format("{} ({}{} {})", population.name, is_honest ? "honest, " : "attack, ", with_commas(population.sources),
                              population.sources == 1 ? "source" : "sources")});
  rows.push_back(row(simulated, "  visits", [&](const auto& run) { return with_commas(of(run).counts.visits()); }));
  rows.push_back(row(simulated, "  served", [&](const auto& run) {
    const VisitCounts& counts = of(run).counts;
    return with_commas(counts.served) + fmt::format(" {:>7}", share_text(counts.served, counts.visits()));
  }));
  rows.push_back(row(simulated, "  lost", [&](const auto& run) {
    const VisitCounts& counts = of(run).counts;
    return with_commas(counts.lost) + fmt::format(" {:>7}", share_text(counts.lost, counts.visits()));
  }));
  if (any([](const PopulationOutcome& one) { return one.counts.slow; })) {
    rows.push_back(row(simulated, "  broken off (slow)", [&](const auto& run) {
      const VisitCounts& counts = of(run).counts;
      return with_commas(counts.slow) + fmt::format(" {:>7}", share_text(counts.slow, counts.visits()));
    }));
  }
  if (any([](const PopulationOutcome& one) { return one.counts.refused != one.counts.lost ? 1 : 0; }))
    rows.push_back(row(simulated, "  refused attempts", [&](const auto& run) { return with_commas(of(run).counts.refused); }));
  if (any([](const PopulationOutcome& one) { return one.closed; }))
    rows.push_back(row(simulated, "  at closed ports", [&](const auto& run) { return with_commas(of(run).closed); }));
  if (any([](const PopulationOutcome& one) { return one.bans; }))
    rows.push_back(row(simulated, "  bans", [&](const auto& run) { return with_commas(of(run).bans); }));
  if (population.bytes > 0) rows.push_back(row(simulated, "  sent", [&](const auto& run) { return size_text(of(run).counts.bytes); }));
}

}  // namespace

std::string with_commas(std::uint64_t number) {
  std::string text = fmt::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string share_text(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "–";
  const double share = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  // What is not all must not look like it, nor nothing like something.
  if (part != whole && share >= 99.95) return ">99.9 %";
  if (part != 0 && share < 0.05) return "<0.1 %";
  return fmt::format("{:.1f} %", share);
}

std::string duration_text(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  if (duration < seconds(1)) return fmt::format("{}ms", duration / milliseconds(1));
  const std::int64_t all = duration / seconds(1);
  const std::array<std::pair<std::int64_t, std::string_view>, 4> parts{
      {{all / 86'400, "d"}, {all % 86'400 / 3600, "h"}, {all % 3600 / 60, "m"}, {all % 60, "s"}}};
  std::string text;
  for (const auto& [count, unit] : parts) {
    if (count != 0) text += fmt::format("{}{}", count, unit);
  }
  return text;
}

std::string place_text(const SimulatedRun& run, const RuleOutcome& rule) {
  if (rule.where.line != 0) return fmt::format("{}:{}", printable(run.loaded.bundle.files[rule.where.file].path), rule.where.line);
  switch (rule.reason) {
    case Reason::ban:
      return "the list of bans";
    case Reason::process_limit:
      return "-limit";
    default:
      return "built-in default";
  }
}

std::vector<Row> measured(const Simulated& simulated) {
  std::vector<Row> rows;
  for (std::size_t i = 0; i < simulated.scenario.populations.size(); ++i) add_population(rows, simulated, i);
  rows.push_back({"the machine"});
  rows.push_back(row(simulated, "  instances at most", [](const auto& run) { return with_commas(run.outcome.peak_instances); }));
  if (simulated.scenario.machine.load_per_instance > 0)
    rows.push_back(row(simulated, "  load at most", [](const auto& run) { return fmt::format("{:.1f}", run.outcome.peak_load); }));
  rows.push_back(row(simulated, "  bans made", [](const auto& run) { return with_commas(run.outcome.bans); }));
  if (std::ranges::any_of(simulated.runs, [](const SimulatedRun& run) { return run.outcome.bans > 0; }))
    rows.push_back(row(simulated, "  bans at the end", [](const auto& run) { return with_commas(run.outcome.bans_left); }));
  return rows;
}

}  // namespace reeve
