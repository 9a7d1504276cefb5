#include "simulate/targets.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/values.h"

namespace reeve {
namespace {

using Indices = std::vector<std::uint32_t>;

// A server of a wait = yes service accepts by itself: nothing is decided for each visit.
bool is_simulated(const Service& service) noexcept {
  return !(service.wait && service.kind == Kind::program);
}

void find_named(const ServiceChoice& choice, const Configuration& configuration, Targets& targets, Report& report) {
  Indices& found = targets.services;
  const std::size_t before = found.size();
  bool waits = false;
  const auto look = [&](auto matches) {
    for (std::uint32_t i = 0; i < configuration.services.size() && found.size() == before; ++i) {
      const Service& service = configuration.services[i];
      if (!matches(service)) continue;
      if (is_simulated(service)) {
        found.push_back(i);
      } else {
        waits = true;
      }
    }
  };
  look([&](const Service& service) { return service.id == choice.name; });
  look([&](const Service& service) { return service.name == choice.name; });
  if (found.size() != before) {
    targets.up_to.push_back((targets.up_to.empty() ? 0 : targets.up_to.back()) + choice.weight);
    return;
  }
  const std::string name = printable(choice.name, 60);
  if (waits)
    return report.error(Scope::configuration, choice.where, fmt::format("`{}` is `wait = yes`", name),
                        "its server accepts by itself: there is no decision for each visit to simulate");
  std::vector<std::string_view> names;
  for (const Service& service : configuration.services) names.push_back(service.id);
  report.error(Scope::configuration, choice.where, fmt::format("no service `{}` would start", name), did_you_mean(choice.name, names));
}

Indices services_by_port(const Configuration& configuration) {
  constexpr std::uint8_t kTcp = 6;
  Indices by_port(65'536, kNoService);
  for (const Place& place : configuration.places) {
    const Service& service = configuration.services[place.service];
    if (place.is_unix() || service.protocol != kTcp || !is_simulated(service)) continue;
    if (by_port[place.port] == kNoService) by_port[place.port] = place.service;
  }
  return by_port;
}

}  // namespace

std::vector<Targets> find_targets(const Scenario& scenario, const Configuration& configuration, Report& report) {
  std::vector<Targets> targets;
  Indices by_port;
  for (const Population& population : scenario.populations) {
    Targets& found = targets.emplace_back();
    for (const ServiceChoice& choice : population.services) find_named(choice, configuration, found, report);
    if (!population.ports.empty() && by_port.empty()) by_port = services_by_port(configuration);
    for (const PortRange& range : population.ports) {
      for (unsigned port = range.first; port <= range.last; ++port) found.services.push_back(by_port[port]);
    }
  }
  return targets;
}

}  // namespace reeve
