// Time as reeve means it. An Instant never jumps and counts suspended time too (CLOCK_BOOTTIME): all
// limits, bans and deadlines use it, so a step of the wall clock frees or locks out nobody. WallTime
// is only for stamps; LocalMinute only for access_times. Nothing here reads a clock: sys/clock.h does,
// and passes a Moment in.
#pragma once

#include <chrono>
#include <cstdint>

namespace reeve {

struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock, duration>;
  static constexpr bool is_steady = true;
};

using Instant = BootClock::time_point;
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// Where the local clock and calendar stand.
struct LocalMinute {
  std::uint16_t minute_of_day = 0;  // 0..1439
  std::uint8_t weekday = 0;         // 0 Sunday .. 6 Saturday, as in tm_wday
};

struct Moment {
  Instant instant;
  WallTime wall;
  LocalMinute local;
};

}  // namespace reeve
