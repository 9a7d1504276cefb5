// Operators: from where those work who give orders by the control socket, so that no sensor shuts them out while they do.
//
// The command says it with each question (the other end of its SSH session); it counts only of who may do everything there. Pure.
// Bounds: kMost addresses, each for kFor after its last question; one more takes the place of the one that is quiet longest.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/time.h"

namespace reeve {

class Operators {
 public:
  static constexpr std::size_t kMost = 16;
  static constexpr std::chrono::hours kFor{1};

  // True when there is one more, or another one.
  bool note(const Address& address, Instant now) {
    for (One& one : all_) {
      if (one.address != address) continue;
      one.until = now + kFor;
      return false;
    }
    if (all_.size() == kMost) all_.erase(std::ranges::min_element(all_, {}, &One::until));
    all_.push_back({address, now + kFor});
    return true;
  }
  // True when it was there.
  bool forget(const Address& address) {
    return std::erase_if(all_, [&](const One& one) { return one.address == address; }) != 0;
  }
  // True when somebody's time was over.
  bool expire(Instant now) {
    return std::erase_if(all_, [&](const One& one) { return one.until <= now; }) != 0;
  }
  [[nodiscard]] std::optional<Instant> next_end() const {
    if (all_.empty()) return std::nullopt;
    return std::ranges::min_element(all_, {}, &One::until)->until;
  }
  [[nodiscard]] std::vector<Address> addresses() const {
    std::vector<Address> list;
    for (const One& one : all_) list.push_back(one.address);
    return list;
  }

 private:
  struct One {
    Address address;
    Instant until;
  };
  std::vector<One> all_;
};

}  // namespace reeve
