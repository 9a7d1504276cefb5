#include "record/stamp.h"

#include <array>
#include <ctime>

#include <fmt/format.h>

namespace reeve {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::int64_t second_of(WallTime wall) noexcept {
  return std::chrono::floor<std::chrono::seconds>(wall).time_since_epoch().count();
}

std::tm local_calendar(WallTime wall) noexcept {
  const std::time_t second = second_of(wall);
  std::tm parts{};
  ::localtime_r(&second, &parts);
  return parts;
}

}  // namespace

std::string xinetd_stamp(WallTime wall) {
  const std::tm at = local_calendar(wall);
  const int year = at.tm_year % 100;
  return fmt::format("{:02}/{}/{}@{:02}:{:02}:{:02}", year < 0 ? year + 100 : year, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min,
                     at.tm_sec);
}

std::string syslog_stamp(WallTime wall) {
  const std::tm at = local_calendar(wall);
  return fmt::format("{} {:2} {:02}:{:02}:{:02}", kMonths[static_cast<std::size_t>(at.tm_mon) % kMonths.size()], at.tm_mday, at.tm_hour,
                     at.tm_min, at.tm_sec);
}

std::string json_stamp(WallTime wall) {
  const auto day = std::chrono::floor<std::chrono::days>(wall);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::milliseconds>(wall - day)};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

std::string_view StampCache::of(WallTime wall, Entry& entry, std::string (*make)(WallTime)) {
  const std::int64_t second = second_of(wall);
  if (second != entry.second) entry = {second, make(wall)};
  return entry.text;
}

}  // namespace reeve
