#include "sys/clock.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <ctime>

#include "base/unique_fd.h"

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

std::chrono::seconds local_offset(WallTime wall) noexcept {
  const std::time_t seconds = std::chrono::floor<std::chrono::seconds>(wall).time_since_epoch().count();
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return std::chrono::seconds(parts.tm_gmtoff);
}

Moment moment_now() noexcept {
  const WallTime wall = wall_now();
  return {instant_now(), wall, local_minute(wall)};
}

std::string boot_id() {
  const UniqueFd file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  const ssize_t size = file ? ::read(file.get(), text.data(), text.size()) : -1;
  std::string id(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

double load_average() noexcept {
  // Not getloadavg(3): from glibc 2.36 on it asks sysinfo(2), which knows nothing of a container's own figure.
  const UniqueFd file(::open("/proc/loadavg", O_RDONLY | O_CLOEXEC));
  std::array<char, 64> text{};
  if (!file || ::read(file.get(), text.data(), text.size() - 1) <= 0) return 0;
  return std::strtod(text.data(), nullptr);
}

}  // namespace reeve
