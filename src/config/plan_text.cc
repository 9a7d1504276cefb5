#include "config/plan_text.h"

#include <fmt/format.h>

#include "base/printable.h"

namespace reeve {

namespace {

std::string listener_text(const Configuration& configuration, const Place& place) {
  const Service& service = configuration.services[place.service];
  return fmt::format("{} (service {})", printable(to_text(listener_key(service, place)), 200), printable(service.id, 60));
}

}  // namespace

std::vector<PlanLine> plan_lines(const Configuration& current, const Configuration& wanted, const Plan& plan) {
  std::vector<PlanLine> lines;
  for (std::uint32_t fresh = 0; fresh < plan.continues.size(); ++fresh) {
    if (plan.continues[fresh] == Plan::kNone) lines.push_back({"added", printable(wanted.services[fresh].id, 60)});
  }
  for (const std::uint32_t old : plan.removed) lines.push_back({"removed", printable(current.services[old].id, 60)});
  for (const std::uint32_t fresh : plan.altered) lines.push_back({"changed", printable(wanted.services[fresh].id, 60)});
  std::vector<bool> goes_on(current.places.size());
  for (std::uint32_t fresh = 0; fresh < plan.inherits.size(); ++fresh) {
    if (plan.inherits[fresh] == Plan::kNone) {
      lines.push_back({"opens", listener_text(wanted, wanted.places[fresh])});
    } else {
      goes_on[plan.inherits[fresh]] = true;
    }
  }
  for (std::uint32_t old = 0; old < current.places.size(); ++old) {
    if (!goes_on[old]) lines.push_back({"closes", listener_text(current, current.places[old])});
  }
  return lines;
}

}  // namespace reeve
