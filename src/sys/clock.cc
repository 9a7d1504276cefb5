#include "sys/clock.h"

#include <cstdlib>
#include <ctime>

namespace reeve {

namespace {

std::chrono::nanoseconds read_clock(clockid_t which) noexcept {
  timespec now{};
  ::clock_gettime(which, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

Instant instant_now() noexcept {
  return Instant(read_clock(CLOCK_BOOTTIME));
}

WallTime wall_now() noexcept {
  return WallTime(read_clock(CLOCK_REALTIME));
}

LocalMinute local_minute(WallTime wall) noexcept {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(wall).time_since_epoch().count();
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return {static_cast<std::uint16_t>(parts.tm_hour * 60 + parts.tm_min), static_cast<std::uint8_t>(parts.tm_wday)};
}

Moment moment_now() noexcept {
  const WallTime wall = wall_now();
  return {instant_now(), wall, local_minute(wall)};
}

double load_average() noexcept {
  double load = 0;
  return ::getloadavg(&load, 1) == 1 ? load : 0;
}

}  // namespace reeve
