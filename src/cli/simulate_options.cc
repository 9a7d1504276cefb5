#include <CLI/CLI.hpp>

#include "cli/simulate.h"

namespace reeve {

void add_simulate_options(CLI::App& verb, SimulateRequest& request) {
  verb.add_option("SCENARIO", request.scenario, "Who comes, how often, and what he does; see docs/simulate.md")->required();
  verb.add_option("--against", request.against, "Another configuration, to compare with")->type_name("FILE");
  verb.add_option("--seed", request.seed, "Other random numbers than those of the scenario")->type_name("N");
  verb.add_option("--plot", request.plot, "A picture over time, as FILE.svg or FILE.html")->type_name("FILE");
  verb.add_option("--least-served", request.least_served, "Exit with 1 when fewer of a hundred honest visits were served")
      ->type_name("PERCENT")
      ->check(CLI::Range(0.0, 100.0));
  verb.footer("Exit codes: 0 simulated, 1 fewer served than --least-served, 2 the scenario or the configuration is wrong.");
}

}  // namespace reeve
