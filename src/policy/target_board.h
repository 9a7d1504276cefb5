// TargetBoard: which of a redirected service's targets is next, and which of them don't answer.
//
// Pure: the engine tells what happened and when, and asks whom to try. A target that could not be reached is left alone
// for kRest while others are there; then one visitor tries it again, and only when it has answered do the others follow.
// When none is well all are tried: nobody is refused on suspicion. At most 64 targets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"
#include "config/service.h"

namespace reeve {

class TargetBoard {
 public:
  static constexpr std::chrono::seconds kRest{10};

  // Of the targets of `redirect`; one that stood on `before`, too, keeps what is known of it.
  explicit TargetBoard(const Redirect& redirect, const TargetBoard* before = nullptr);

  // Is it still the board of these targets, in this order?
  [[nodiscard]] bool is_of(const Redirect& redirect) const noexcept;

  // The next to try of those whose bit is not set in `tried`; nullopt when all are.
  [[nodiscard]] std::optional<std::size_t> choose(Balance balance, std::uint64_t tried, Instant now) noexcept;

  void begin(std::size_t target) noexcept { ++states_[target].active; }
  void end(std::size_t target) noexcept { --states_[target].active; }
  // These say true when it is news.
  bool note_failure(std::size_t target, Instant now) noexcept;
  bool note_answer(std::size_t target) noexcept;

  [[nodiscard]] bool is_down(std::size_t target) const noexcept { return states_[target].is_down; }
  [[nodiscard]] std::uint32_t active(std::size_t target) const noexcept { return states_[target].active; }

 private:
  struct State {
    std::string host;
    std::uint16_t port = 0;
    std::uint32_t active = 0;  // conversations
    bool is_down = false;
    Instant rests_until{};
  };

  std::vector<State> states_;
  std::size_t turn_ = 0;
};

}  // namespace reeve
