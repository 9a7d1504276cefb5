// Lookout: whether it pays to look out a moment for the next visit before going to sleep.
//
// Used by the monitor when a server has ended and nothing else is to be done. Where clients come one after another the
// next Start is often only microseconds away: falling asleep and being woken would then take longer than the wait itself,
// and longer than anything else that a start costs. Pure: durations and instants are told.
//
// What sleeping cost is learnt from the sleeps themselves: one that was over sooner than kShortSleep would have been better
// spent looking, and only some of these in a row begin the looking. A look that finds nothing takes four of them back, so
// that of five turns at most one is a look in vain, and a quiet daemon never looks. While looking the monitor lets all
// others run; when that takes longer than kCrowded somebody is at work on this processor who wants it for himself, and then
// sleeping is the quicker way to be heard: nobody looks for kRest.
#pragma once

#include <algorithm>
#include <chrono>

#include "base/time.h"

namespace reeve {

class Lookout {
 public:
  static constexpr std::chrono::microseconds kLook{60};
  static constexpr std::chrono::microseconds kShortSleep{100};  // falling asleep and waking included
  static constexpr std::chrono::milliseconds kCrowded{2};
  static constexpr std::chrono::milliseconds kRest{200};

  // `possible`: not on a machine of one processor, where nothing can happen while we look.
  explicit Lookout(bool possible) noexcept : possible_(possible) {}

  [[nodiscard]] bool pays(Instant now) const noexcept { return possible_ && score_ >= kEnough && now >= resting_until_; }

  void slept(std::chrono::nanoseconds length) noexcept { add(length <= kShortSleep ? kHit : kMiss); }
  // `turn`: how long the others had the processor when we last let them.
  void looked(bool found, std::chrono::nanoseconds turn, Instant now) noexcept {
    add(found ? kHit : kMiss);
    if (turn > kCrowded) resting_until_ = now + kRest;
  }

 private:
  static constexpr int kHit = 1, kMiss = -4, kEnough = 4, kMost = 8;
  void add(int change) noexcept { score_ = std::clamp(score_ + change, 0, kMost); }

  bool possible_;
  int score_ = 0;
  Instant resting_until_{};
};

}  // namespace reeve
