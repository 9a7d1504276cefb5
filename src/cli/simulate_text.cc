// For people: what was measured, how it went over time, and which rules refused.
#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/simulated.h"

namespace reeve {
namespace {

using std::chrono::nanoseconds;
using Row = std::vector<std::string>;

constexpr std::size_t kSparks = 60;     // columns of a sparkline
constexpr std::size_t kMostRules = 12;  // the others are summed up

std::size_t width(std::string_view text) {
  std::size_t characters = 0;
  for (; !text.empty(); ++characters) text.remove_prefix(first_character(text).bytes);
  return characters;
}

std::string padded(std::string_view text, std::size_t to, bool left = false) {
  const std::string blanks(to - std::min(to, width(text)), ' ');
  return left ? std::string(text) + blanks : blanks + std::string(text);
}

// The first column on the left, the others on the right.
void append(std::string& out, const std::vector<Row>& rows) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += (i == 0 ? "" : "   ") + padded(row[i], widths[i], i == 0);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + '\n';
  }
}

// Each column shows the highest of its samples, as a share of the highest of all.
std::string sparkline(const std::vector<double>& values, double top) {
  constexpr std::array<std::string_view, 9> kBlocks{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const std::size_t columns = std::min(kSparks, values.size());
  std::string line;
  for (std::size_t i = 0; i < columns; ++i) {
    const std::size_t first = i * values.size() / columns, last = std::max(first + 1, (i + 1) * values.size() / columns);
    double highest = 0;
    for (std::size_t at = first; at < last; ++at) highest = std::max(highest, values[at]);
    const auto level = top > 0 ? static_cast<std::size_t>(highest / top * 8) : 0;
    line += kBlocks[highest > 0 ? std::clamp<std::size_t>(level, 1, 8) : 0];
  }
  return line;
}

struct Spark {
  std::string name;
  bool is_rate = true;
  double (*value)(const OutcomeSample&);
};

std::string most_text(double highest, bool is_rate) {
  if (highest <= 0) return "none";
  if (is_rate && highest < 10) return fmt::format("up to {:.1f}/s", highest);
  return fmt::format("up to {}{}", with_commas(static_cast<std::uint64_t>(highest + 0.5)), is_rate ? "/s" : "");
}

// The same height for all runs, unless one of them were flat then.
constexpr double kMostScaled = 8;

void append_sparks(std::string& out, const Simulated& simulated, const std::array<Spark, 5>& sparks) {
  std::vector<Row> rows;
  for (const Spark& spark : sparks) {
    const double seconds = spark.is_rate ? static_cast<double>(simulated.runs[0].outcome.step.count()) / 1e9 : 1;
    std::vector<std::vector<double>> all;
    double top = 0;
    for (const SimulatedRun& run : simulated.runs) {
      std::vector<double>& values = all.emplace_back();
      for (const OutcomeSample& sample : run.outcome.over_time) values.push_back(spark.value(sample) / seconds);
      top = std::max(top, std::ranges::max(values));
    }
    if (top <= 0) continue;
    const bool share_scale = std::ranges::all_of(all, [&](const auto& values) {
      const double highest = std::ranges::max(values);
      return highest <= 0 || top <= kMostScaled * highest;
    });
    for (std::size_t i = 0; i < all.size(); ++i) {
      const double highest = std::ranges::max(all[i]);
      const std::string name = i == 0 ? spark.name : "  against";
      const std::string line = padded(sparkline(all[i], share_scale ? top : highest), std::min(kSparks, all[i].size()), true);
      fmt::format_to(std::back_inserter(out), "  {} |{}| {}\n", padded(name, 18, true), line, most_text(highest, spark.is_rate));
    }
  }
}

void append_rules(std::string& out, const SimulatedRun& run) {
  std::vector<Row> rows{{"refused by", "reason", "honest", "attack"}};
  RuleOutcome others;
  std::size_t left_out = 0;
  for (const RuleOutcome& rule : run.outcome.rules) {
    if (rows.size() > kMostRules) {
      others.honest += rule.honest;
      others.attack += rule.attack;
      ++left_out;
      continue;
    }
    rows.push_back({place_text(run, rule), std::string(to_text(rule.reason)), with_commas(rule.honest), with_commas(rule.attack)});
  }
  if (left_out > 0) rows.push_back({fmt::format("{} others", left_out), "", with_commas(others.honest), with_commas(others.attack)});
  if (rows.size() == 1) {
    out += "nobody was refused\n";
    return;
  }
  append(out, rows);
}

void append_worst(std::string& out, const Simulated& simulated, const SimulatedRun& run) {
  for (std::size_t i = 0; i < run.outcome.populations.size(); ++i) {
    const Population& population = simulated.scenario.populations[i];
    const auto& worst = run.outcome.populations[i].worst;
    if (!worst) continue;
    const bool is_attack = population.kind == Population::Kind::attack;
    fmt::format_to(std::back_inserter(out), "{} {} of {}: served {}, refused {}\n",
                   is_attack ? "the attacker who got most:" : "the honest who got least:", to_text(worst->address), population.name,
                   with_commas(worst->served), with_commas(worst->refused));
  }
}

}  // namespace

std::string simulated_text(const Simulated& simulated, bool colour) {
  const Scenario& scenario = simulated.scenario;
  const std::string_view bold = colour ? "\033[1m" : "", off = colour ? "\033[0m" : "";
  std::string out = fmt::format("{}{}{}\n", bold, printable(scenario.title.empty() ? simulated.path : scenario.title), off);
  fmt::format_to(std::back_inserter(out), "{}, {} in virtual time, seed {}\n\n", printable(simulated.path),
                 duration_text(scenario.duration), scenario.seed);
  std::vector<Row> rows{{""}};
  for (const SimulatedRun& run : simulated.runs) rows.front().push_back(printable(run.path));
  std::ranges::move(measured(simulated), std::back_inserter(rows));
  append(out, rows);
  fmt::format_to(std::back_inserter(out), "\n{}over time{}\n", bold, off);
  append_sparks(
      out, simulated,
      {{{"honest served", true, [](const OutcomeSample& one) { return static_cast<double>(one.honest_served); }},
        {"honest lost, slow", true, [](const OutcomeSample& one) { return static_cast<double>(one.honest_lost) + one.honest_slow; }},
        {"attack served", true, [](const OutcomeSample& one) { return static_cast<double>(one.attack_served); }},
        {"attack refused", true, [](const OutcomeSample& one) { return static_cast<double>(one.attack_refused); }},
        {"instances", false, [](const OutcomeSample& one) { return static_cast<double>(one.instances); }}}});
  for (const SimulatedRun& run : simulated.runs) {
    fmt::format_to(std::back_inserter(out), "\n{}{}{}\n", bold, printable(run.path), off);
    append_rules(out, run);
    append_worst(out, simulated, run);
  }
  return out;
}

}  // namespace reeve
