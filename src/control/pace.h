// Pace: how fast each user may ask: `rate` requests a second, `burst` at once; who is faster waits.
//
// Pure. Bound: kMaxUsers users are remembered; over it the one who has been quiet longest is forgotten, which gives him
// a new burst.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace reeve {

class Pace {
 public:
  static constexpr std::size_t kMaxUsers = 64;

  // Both > 0.
  constexpr Pace(std::int64_t rate, std::int64_t burst) noexcept
      : cost_(std::chrono::nanoseconds(std::chrono::seconds(1)) / rate), credit_(burst * cost_) {}

  // Takes one request of `uid` and returns when it may be answered, which is `now` as long as he is slow enough.
  [[nodiscard]] Instant take(std::uint32_t uid, Instant now);

 private:
  struct User {
    std::uint32_t uid = 0;
    Instant clear;  // when all that was taken is paid for
  };
  std::chrono::nanoseconds cost_, credit_;  // of one request, of a burst
  std::vector<User> users_;
};

}  // namespace reeve
