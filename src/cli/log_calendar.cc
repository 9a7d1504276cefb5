#include "cli/log_calendar.h"

#include <array>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "record/line_time.h"
#include "sys/clock.h"

namespace reeve {
namespace {

constexpr std::int64_t kDay = 86'400, kQuarter = 900;

constexpr std::int64_t floor_of(std::int64_t value, std::int64_t unit) noexcept {
  return (value >= 0 ? value : value - unit + 1) / unit;
}

WallTime moment(std::int64_t utc, std::int32_t nanoseconds = 0) noexcept {
  return WallTime(std::chrono::seconds(utc) + std::chrono::nanoseconds(nanoseconds));
}

std::int64_t seconds_of(WallTime wall) noexcept {
  return std::chrono::floor<std::chrono::seconds>(wall).time_since_epoch().count();
}

// The day that is `day` of the year 2000 in the last year that has it and doesn't put it behind `last`.
std::int64_t latest_such_day(std::int64_t day, std::int64_t last) noexcept {
  using namespace std::chrono;
  const year_month_day of_2000{sys_days(days(day))};
  const year_month_day newest{sys_days(days(last))};
  for (int back = 0; back < 9; ++back) {
    const year_month_day candidate = (newest.year() - years(back)) / of_2000.month() / of_2000.day();
    if (!candidate.ok()) continue;
    const std::int64_t number = sys_days(candidate).time_since_epoch().count();
    if (number <= last) return number;
  }
  return day;
}

}  // namespace

std::int64_t LogCalendar::offset_at(std::int64_t utc) {
  const std::int64_t quarter = floor_of(utc, kQuarter);
  if (quarter != quarter_) {
    quarter_ = quarter;
    offset_ = local_offset(moment(quarter * kQuarter)).count();
  }
  return offset_;
}

WallTime LogCalendar::from_local(std::int64_t local) {
  const std::int64_t guess = local - offset_at(local - offset_);
  return moment(local - offset_at(guess));
}

std::optional<WallTime> LogCalendar::wall_of(const LineTime& time) {
  switch (time.zone) {
    case LineTime::Zone::none:
      return std::nullopt;
    case LineTime::Zone::utc:
      return moment(time.seconds, time.nanoseconds);
    case LineTime::Zone::local:
      return from_local(time.seconds) + std::chrono::nanoseconds(time.nanoseconds);
    case LineTime::Zone::local_without_year: {
      const std::int64_t day = floor_of(time.seconds, kDay);
      if (day != day_of_none_) {
        day_of_none_ = day;
        // A day's grace: clocks differ.
        day_ = latest_such_day(day, floor_of(seconds_of(now_), kDay) + 1);
      }
      return from_local(day_ * kDay + time.seconds - day * kDay);
    }
  }
  return std::nullopt;
}

LocalMinute LogCalendar::local_minute(WallTime wall) {
  const std::int64_t utc = seconds_of(wall);
  const std::int64_t local = utc + offset_at(utc);
  const std::int64_t day = floor_of(local, kDay);
  constexpr std::int64_t kThursday = 4;  // the first day of 1970
  return {.minute_of_day = static_cast<std::uint16_t>((local - day * kDay) / 60),
          .weekday = static_cast<std::uint8_t>(((day + kThursday) % 7 + 7) % 7)};
}

std::optional<WallTime> LogCalendar::parse(std::string_view text) {
  const auto whole = [this](std::optional<LineTime> time, std::string_view rest) {
    return time && rest.empty() ? wall_of(*time) : std::nullopt;
  };
  const auto as_iso = [&](const std::string& full) {
    std::string_view rest = full;
    const auto time = take_iso_stamp(rest);
    return whole(time, rest);
  };
  std::string_view rest = text;
  if (const auto stamp = take_xinetd_stamp(rest)) return whole(stamp, rest);
  if (text.size() == 5 || text.size() == 8) {
    const std::int64_t utc = seconds_of(now_);
    const std::chrono::year_month_day today{std::chrono::sys_days(std::chrono::days(floor_of(utc + offset_at(utc), kDay)))};
    return as_iso(fmt::format("{:04}-{:02}-{:02}T{}{}", static_cast<int>(today.year()), static_cast<unsigned>(today.month()),
                              static_cast<unsigned>(today.day()), text, text.size() == 5 ? ":00" : ""));
  }
  constexpr std::size_t kDate = 10, kMinute = 16;  // bytes of "2026-11-22" and "2026-11-22 09:30"
  if (text.size() == kDate) return as_iso(fmt::format("{}T00:00:00", text));
  const bool has_seconds = text.size() > kMinute && text[kMinute] == ':';
  if (text.size() < kMinute || has_seconds) return as_iso(std::string(text));
  return as_iso(fmt::format("{}:00{}", text.substr(0, kMinute), text.substr(kMinute)));
}

std::string date_text(WallTime wall) {
  static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  const std::int64_t local = seconds_of(wall) + local_offset(wall).count();
  const std::int64_t day = floor_of(local, kDay), second = local - day * kDay;
  const std::chrono::sys_days date{std::chrono::days(day)};
  const std::chrono::year_month_day calendar{date};
  return fmt::format("{} {:04}-{:02}-{:02} {:02}:{:02}:{:02}", kDays[std::chrono::weekday(date).c_encoding() % 7],
                     static_cast<int>(calendar.year()), static_cast<unsigned>(calendar.month()), static_cast<unsigned>(calendar.day()),
                     second / 3600, second / 60 % 60, second % 60);
}

}  // namespace reeve
