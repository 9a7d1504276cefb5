#include "plot/axis.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace reeve {
namespace {

constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
// Beyond that a time is not one that anybody plots; it is shown as this.
constexpr double kMostSeconds = 2e11;

constexpr std::array<std::int64_t, 27> kTimeSteps{1,         2,         5,         10,        15,         30,        kMinute,
                                                  2 * 60,    5 * 60,    10 * 60,   15 * 60,   20 * 60,    30 * 60,   kHour,
                                                  2 * kHour, 3 * kHour, 4 * kHour, 6 * kHour, 12 * kHour, kDay,      2 * kDay,
                                                  5 * kDay,  7 * kDay,  14 * kDay, 28 * kDay, 91 * kDay,  365 * kDay};

std::int64_t time_step(double span, unsigned count) {
  for (const std::int64_t step : kTimeSteps) {
    if (span / static_cast<double>(step) <= count) return step;
  }
  const double years = std::ceil(span / static_cast<double>(kTimeSteps.back()) / count);
  return static_cast<std::int64_t>(years) * kTimeSteps.back();
}

std::int64_t whole(double seconds) {
  return static_cast<std::int64_t>(std::floor(std::clamp(seconds, -kMostSeconds, kMostSeconds)));
}

struct Civil {
  int year = 1970;
  unsigned month = 1, day = 1;
  std::int64_t second = 0;  // of the day
};

Civil civil(std::int64_t seconds) {
  const std::int64_t days = (seconds >= 0 ? seconds : seconds - (kDay - 1)) / kDay;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  return {int{date.year()}, unsigned{date.month()}, unsigned{date.day()}, seconds - days * kDay};
}

std::string date_text(const Civil& at) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{} {}", at.day, kMonths[at.month - 1]);
}

enum class Scale : std::uint8_t { seconds, minutes, hours, days };

// In which words elapsed times are written, so that all ticks of an axis agree.
Scale scale_of(double end, std::int64_t step) {
  if (step >= kDay) return Scale::days;
  if (end > 2 * static_cast<double>(kHour)) return Scale::hours;
  if (step >= kMinute && step % kMinute == 0) return Scale::minutes;
  return Scale::seconds;
}

std::string elapsed_text(std::int64_t at, Scale scale) {
  switch (scale) {
    case Scale::seconds:
      return fmt::format("{}:{:02}", at / kMinute, at % kMinute);
    case Scale::minutes:
      return fmt::format("{}", at / kMinute);
    case Scale::hours:
      return fmt::format("{}:{:02}", at / kHour, at % kHour / kMinute);
    case Scale::days:
      return fmt::format("{}", at / kDay);
  }
  return {};
}

}  // namespace

std::string short_number(double value) {
  const auto trimmed = [](double number, std::string_view letter) {
    std::string text = fmt::format("{:.1f}", number);
    if (text.ends_with(".0")) text.resize(text.size() - 2);
    return text + std::string(letter);
  };
  if (value >= 999'950'000) return trimmed(value / 1e9, "G");
  if (value >= 999'950) return trimmed(value / 1e6, "M");
  if (value >= 9'999.5) return trimmed(value / 1e3, "k");
  if (value >= 999.5) {
    const auto number = std::llround(value);
    return fmt::format("{},{:03}", number / 1000, number % 1000);
  }
  if (value >= 9.95 || value == std::floor(value)) return trimmed(value, "");
  return fmt::format("{:.2g}", value);
}

ValueAxis value_axis(double most, unsigned count) {
  if (!(most > 0) || !std::isfinite(most)) most = 1;
  most = std::clamp(most, 1e-6, 1e15);
  count = std::max(count, 1u);
  // The smallest of 1, 2, 5, 10, ... that needs no more than `count` steps.
  double step = 1e-7;
  for (unsigned i = 0; step * count < most; ++i) step *= i % 3 == 1 ? 2.5 : 2;
  ValueAxis axis;
  const auto steps = static_cast<unsigned>(std::ceil(most / step - 1e-9));
  axis.top = step * steps;
  for (unsigned i = 0; i <= steps; ++i) axis.ticks.push_back({step * i, short_number(step * i)});
  return axis;
}

std::vector<Tick> time_ticks(const Plot& plot, double begin, double end, unsigned count) {
  if (!(end > begin)) return {};
  const bool is_wall = plot.clock == Plot::Clock::wall;
  const std::int64_t step = time_step(end - begin, count);
  const std::int64_t offset = is_wall ? plot.utc_offset : 0;
  const std::int64_t first = whole(begin) + offset, last = whole(end) + offset;
  std::int64_t at = first - (first % step + step) % step;
  if (static_cast<double>(at - offset) < begin) at += step;
  std::vector<Tick> ticks;
  const Scale scale = scale_of(end, step);
  for (; at <= last; at += step) {
    std::string text;
    if (is_wall) {
      const Civil civil_at = civil(at);
      const bool shows_date = step >= kDay || civil_at.second == 0;
      text = shows_date ? date_text(civil_at)
             : step < kMinute
                 ? fmt::format("{:02}:{:02}:{:02}", civil_at.second / kHour, civil_at.second % kHour / kMinute, civil_at.second % kMinute)
                 : fmt::format("{:02}:{:02}", civil_at.second / kHour, civil_at.second % kHour / kMinute);
    } else {
      text = elapsed_text(at, scale);
    }
    ticks.push_back({static_cast<double>(at - offset), std::move(text)});
  }
  return ticks;
}

std::string time_axis_name(const Plot& plot, double begin, double end, unsigned count) {
  const std::int64_t step = time_step(end - begin, count);
  if (plot.clock == Plot::Clock::wall) {
    const std::string zone = plot.zone.empty() ? "" : fmt::format(" ({})", plot.zone);
    if (step >= kDay) return "date" + zone;
    return fmt::format("time{}, from {}", zone, time_text(plot, begin));
  }
  switch (scale_of(end, step)) {
    case Scale::seconds:
      return "time (minutes:seconds)";
    case Scale::minutes:
      return "time (minutes)";
    case Scale::hours:
      return "time (hours:minutes)";
    case Scale::days:
      return "time (days)";
  }
  return "time";
}

std::string time_text(const Plot& plot, double at) {
  if (plot.clock == Plot::Clock::wall) {
    const Civil civil_at = civil(whole(at) + plot.utc_offset);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", civil_at.year, civil_at.month, civil_at.day, civil_at.second / kHour,
                       civil_at.second % kHour / kMinute, civil_at.second % kMinute);
  }
  const std::int64_t seconds = whole(at);
  const std::string text = fmt::format("{}:{:02}:{:02}", seconds / kHour, seconds % kHour / kMinute, seconds % kMinute);
  const auto thousandths = static_cast<std::int64_t>((at - static_cast<double>(seconds)) * 1000 + 0.5);
  return thousandths == 0 || thousandths >= 1000 ? text : text + fmt::format(".{:03}", thousandths);
}

}  // namespace reeve
