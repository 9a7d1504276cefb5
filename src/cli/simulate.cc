#include "cli/simulate.h"

#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/simulated.h"
#include "config/report.h"
#include "simulate/scenario_parse.h"
#include "simulate/simulation.h"
#include "simulate/targets.h"

namespace reeve {
namespace {

Answer wrong(std::string text) {
  return {.err = "reeve: " + std::move(text) + "\n", .exit_code = kWrong};
}

bool is_plot_name(std::string_view path) {
  return path.ends_with(".svg") || path.ends_with(".html");
}

// The configuration as it would start; complaints about it.
Result<SimulatedRun> load_run(const std::string& path, const SimulateRequest& request, FileReader& files, Names& names,
                              std::string& complaints) {
  Result<Loaded> loaded = load(path, request.options, files, names);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  if (loaded->parsed.unusable) return failure(path + " can't be used, see reeve check");
  if (loaded->parsed.has_errors)
    complaints += fmt::format("reeve: there are errors in {}, see reeve check; this is what would start nevertheless\n", printable(path));
  return SimulatedRun{.path = path, .loaded = std::move(*loaded), .outcome = {}};
}

}  // namespace

Answer simulate(const SimulateRequest& request, FileReader& files, Names& names) {
  if (!request.plot.empty() && !is_plot_name(request.plot))
    return wrong(fmt::format("--plot {}: the name has to end in .svg or .html", printable(request.plot)));
  Result<std::string> text = files.read_file(request.scenario);
  if (!text) return wrong(printable(text.error().text()));
  Bundle source;
  source.files.push_back({request.scenario, std::move(*text)});
  ParsedScenario parsed = parse_scenario(source.files[0].text, 0);
  if (!parsed.diagnostics.empty()) return {.err = caret_text(parsed.diagnostics, source, request.colour), .exit_code = kWrong};

  Answer answer;
  Simulated simulated{.path = request.scenario, .scenario = std::move(parsed.scenario), .runs = {}};
  if (request.seed) simulated.scenario.seed = *request.seed;
  for (const std::string& path : {request.path, request.against}) {
    if (path.empty()) continue;
    Result<SimulatedRun> run = load_run(path, request, files, names, answer.err);
    if (!run) return wrong(printable(run.error().text()));
    const ConfigurationRef& configuration = run->loaded.parsed.configuration;
    Report report;
    const auto targets = find_targets(simulated.scenario, *configuration, report);
    if (const std::vector<Diagnostic> missing = report.take(); !missing.empty())
      return {.err = answer.err + caret_text(missing, source, request.colour) +
                     fmt::format("reeve: the configuration is {}\n", printable(path)),
              .exit_code = kWrong};
    run->outcome = simulate(simulated.scenario, configuration, targets);
    simulated.runs.push_back(std::move(*run));
  }

  answer.out = request.json ? simulated_json(simulated) : simulated_text(simulated, request.colour);
  if (!request.plot.empty()) {
    const Plot plot = simulated_plot(simulated);
    answer.files.push_back({request.plot, request.plot.ends_with(".svg") ? to_svg(plot) : to_html(plot, simulated_tables(simulated))});
  }
  if (request.least_served) {
    const VisitCounts honest = simulated.runs[0].outcome.counts(simulated.scenario, Population::Kind::honest);
    if (static_cast<double>(honest.served) * 100 < *request.least_served * static_cast<double>(honest.visits()))
      answer.exit_code = kDoubtful;
  }
  return answer;
}

}  // namespace reeve
