// What a Plan does, line by line, for `reeve reload`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/plan.h"

namespace reeve {

struct PlanLine {
  std::string_view kind;  // "added", "removed", "changed": a service's id; "opens", "closes": a listener
  std::string text;
};

// Services first. `plan` is diff(current, wanted).
[[nodiscard]] std::vector<PlanLine> plan_lines(const Configuration& current, const Configuration& wanted, const Plan& plan);

}  // namespace reeve
