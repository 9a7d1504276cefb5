// Holds: which services the operator stopped or drains, so that an engine to come knows it too.
//
// By number of service in the configuration in force; a reload renumbers them, and forgets those of services that go.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/message.h"

namespace reeve {

class Holds {
 public:
  void set(std::uint32_t service, Held how) {
    if (service >= of_service_.size()) of_service_.resize(std::size_t{service} + 1, Held::no);
    of_service_[service] = how;
  }
  // `continues[fresh]` is the old service that it continues (config/plan.h).
  void renumber(const std::vector<std::uint32_t>& continues) {
    std::vector<Held> fresh(continues.size(), Held::no);
    for (std::size_t each = 0; each < continues.size(); ++each) {
      if (continues[each] < of_service_.size()) fresh[each] = of_service_[continues[each]];
    }
    of_service_ = std::move(fresh);
  }
  [[nodiscard]] const std::vector<Held>& of_service() const noexcept { return of_service_; }

 private:
  std::vector<Held> of_service_;  // may end early: the rest is not held
};

}  // namespace reeve
