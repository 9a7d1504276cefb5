// simulate: what would an attack do? A scenario in virtual time against a configuration, or two of them side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/file_reader.h"
#include "base/names.h"
#include "cli/answer.h"
#include "config/parse.h"

namespace CLI {
class App;
}

namespace reeve {

struct SimulateRequest {
  std::string scenario;  // path
  std::string path;      // configuration
  std::string against;   // another one; empty: none
  ParseOptions options;
  std::optional<std::uint64_t> seed;   // instead of the scenario's
  std::optional<double> least_served;  // per cent of honest visits; fewer: exit code 1
  std::string plot;                    // FILE.svg or FILE.html; empty: none
  bool json = false;                   // one document
  bool colour = false;
};

// What only this verb has; -f and the like are the door's.
void add_simulate_options(CLI::App& verb, SimulateRequest& request);

[[nodiscard]] Answer simulate(const SimulateRequest& request, FileReader& files, Names& names);

}  // namespace reeve
