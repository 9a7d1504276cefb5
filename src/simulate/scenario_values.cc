#include "simulate/scenario_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "config/lexer.h"
#include "simulate/scenario.h"

namespace reeve {
namespace {

using std::chrono::nanoseconds;

struct Unit {
  std::string_view name;
  double nanoseconds_each;
};

constexpr double kSecond = 1e9;
constexpr std::array<Unit, 5> kUnits{
    {{"ms", kSecond / 1000}, {"s", kSecond}, {"m", 60 * kSecond}, {"h", 3600 * kSecond}, {"d", 86'400 * kSecond}}};

std::optional<double> unit(std::string_view name) noexcept {
  for (const Unit& one : kUnits) {
    if (equal_ignoring_case(name, one.name)) return one.nanoseconds_each;
  }
  return std::nullopt;
}

std::optional<nanoseconds> bounded(double count) noexcept {
  if (!(count <= static_cast<double>(kLongestScenario.count()))) return std::nullopt;
  return nanoseconds(static_cast<std::int64_t>(count + 0.5));
}

}  // namespace

std::optional<double> parse_real(std::string_view text) noexcept {
  constexpr std::size_t kLongest = 24;
  if (text.empty() || text.size() > kLongest || text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<nanoseconds> parse_duration(std::string_view text) noexcept {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::optional<double> number = parse_real(text.substr(0, digits));
  const std::string_view rest = text.substr(digits);
  const std::optional<double> each = rest.empty() ? kSecond : unit(rest);
  if (!number || !each) return std::nullopt;
  return bounded(*number * *each);
}

std::optional<nanoseconds> parse_rate(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<double> number = parse_real(text.substr(0, slash));
  const std::optional<double> each = unit(text.substr(slash + 1));
  if (!number || !each || !(*number > 0)) return std::nullopt;
  const auto interval = bounded(*each / *number);
  return interval && interval->count() > 0 ? interval : std::nullopt;
}

std::optional<std::uint8_t> parse_weekday(std::string_view text) noexcept {
  constexpr std::array<std::string_view, 7> kDays{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};
  for (std::uint8_t i = 0; i < kDays.size(); ++i) {
    if (equal_ignoring_case(text, kDays[i]) || equal_ignoring_case(text, kDays[i].substr(0, 3))) return i;
  }
  return std::nullopt;
}

std::optional<std::uint16_t> parse_time_of_day(std::string_view text) noexcept {
  const auto two_digits = [](std::string_view digits) -> std::optional<unsigned> {
    unsigned value = 0;
    if (digits.empty() || digits.size() > 2) return std::nullopt;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto hours = two_digits(text.substr(0, colon)), minutes = two_digits(text.substr(colon + 1));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return static_cast<std::uint16_t>(*hours * 60 + *minutes);
}

}  // namespace reeve
