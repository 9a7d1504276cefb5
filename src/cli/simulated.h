// Simulated: a scenario and what came of it under one or two configurations, for those who show it: simulate_text.cc,
// simulate_json.cc and simulate_plot.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/load.h"
#include "plot/plot.h"
#include "simulate/outcome.h"
#include "simulate/scenario.h"

namespace reeve {

struct SimulatedRun {
  std::string path;  // of the configuration
  Loaded loaded;
  Outcome outcome;
};

struct Simulated {
  std::string path;  // of the scenario
  Scenario scenario;
  std::vector<SimulatedRun> runs;  // one or two
};

[[nodiscard]] std::string simulated_text(const Simulated& simulated, bool colour);
[[nodiscard]] std::string simulated_json(const Simulated& simulated);
[[nodiscard]] Plot simulated_plot(const Simulated& simulated);
[[nodiscard]] std::vector<PlotTable> simulated_tables(const Simulated& simulated);

// What simulated_text and simulated_tables share.
// "12,345"
[[nodiscard]] std::string with_commas(std::uint64_t number);
// "99.4 %"; "–" of nothing.
[[nodiscard]] std::string share_text(std::uint64_t part, std::uint64_t whole);
// "1h30m", "250ms"
[[nodiscard]] std::string duration_text(std::chrono::nanoseconds duration);
// The rule that refused: "ftp.conf:12", or what it is where no line decides.
[[nodiscard]] std::string place_text(const SimulatedRun& run, const RuleOutcome& rule);
// Rows `name, value for each run`; a row without values is a title.
[[nodiscard]] std::vector<std::vector<std::string>> measured(const Simulated& simulated);

}  // namespace reeve
