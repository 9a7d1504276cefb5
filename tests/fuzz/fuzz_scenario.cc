// A scenario file: any bytes are read or refused, every complaint stands somewhere in the text and can be shown; what was
// accepted keeps its bounds, and each source has an address in its prefixes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/bundle.h"
#include "simulate/scenario_parse.h"
#include "simulate/source_addresses.h"

namespace {

using namespace reeve;

void expect_sound(const Scenario& scenario) {
  REEVE_CHECK(!scenario.populations.empty() && scenario.populations.size() <= kMostPopulations);
  REEVE_CHECK(scenario.duration.count() > 0 && scenario.duration <= kLongestScenario);
  std::uint64_t agents = 0;
  for (const Population& population : scenario.populations) {
    agents += population.agents();
    REEVE_CHECK(population.agents() > 0 && !population.prefixes.empty());
    REEVE_CHECK(population.services.empty() != population.ports.empty());
    REEVE_CHECK(population.round_trip.count() > 0 && population.from < scenario.duration);
    const SourceAddresses addresses(population, scenario.seed);
    for (const std::uint32_t source : {0u, population.sources / 2, population.sources - 1}) {
      const Prefix& prefix = population.prefixes[source % population.prefixes.size()];
      REEVE_CHECK(prefix.contains(addresses.address(source)));
      REEVE_CHECK(prefix.contains(addresses.neighbour(source, agents)));
    }
  }
  REEVE_CHECK(agents <= kMostAgents);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bundle bundle;
  bundle.files.push_back({"x.sim", std::string(reinterpret_cast<const char*>(data), size)});
  const ParsedScenario parsed = parse_scenario(bundle.files[0].text, 0);
  for (const Diagnostic& one : parsed.diagnostics) {
    REEVE_CHECK(!one.text.empty());
    REEVE_CHECK(!caret_text(one, bundle, false).empty());
  }
  if (parsed.diagnostics.empty()) expect_sound(parsed.scenario);
  return 0;
}
