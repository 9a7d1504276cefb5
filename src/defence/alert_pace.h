// AlertPace: so many alerts a minute, and a word about those that were more.
//
// A minute begins with the first event after the last one's end. Pure: time comes in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/time.h"

namespace reeve {

class AlertPace {
 public:
  static constexpr std::chrono::minutes kSpan{1};

  explicit AlertPace(std::uint32_t most) noexcept : most_(most) {}

  // False: over the rate, and counted.
  bool admit(Instant now) noexcept {
    if (!ends_ || now >= *ends_) {
      ends_ = now + kSpan;
      admitted_ = 0;
    }
    if (admitted_ >= most_) {
      ++held_back_;
      return false;
    }
    ++admitted_;
    return true;
  }
  // How many were held back in a minute that is over; once.
  [[nodiscard]] std::optional<std::uint64_t> take_held_back(Instant now) noexcept {
    if (held_back_ == 0 || (ends_ && now < *ends_)) return std::nullopt;
    return std::exchange(held_back_, 0);
  }
  // When take_held_back() has something to say.
  [[nodiscard]] std::optional<Instant> next() const noexcept { return held_back_ == 0 ? std::nullopt : ends_; }

 private:
  std::uint32_t most_;
  std::optional<Instant> ends_;
  std::uint32_t admitted_ = 0;
  std::uint64_t held_back_ = 0;
};

}  // namespace reeve
