#include "cli/spans.h"

#include <charconv>

#include <fmt/format.h>

namespace reeve {

namespace {

constexpr std::int64_t kMinute = 60, kHour = 3600, kDay = 86400, kWeek = 604800;
constexpr std::int64_t kMost = 3650 * kDay;

std::int64_t unit_of(char letter) noexcept {
  switch (letter) {
    case 's':
      return 1;
    case 'm':
      return kMinute;
    case 'h':
      return kHour;
    case 'd':
      return kDay;
    case 'w':
      return kWeek;
    default:
      return 0;
  }
}

}  // namespace

std::string span_text(std::int64_t seconds) {
  if (seconds < 0) seconds = 0;
  if (seconds < kMinute) return fmt::format("{}s", seconds);
  if (seconds < kHour) return fmt::format("{}m{:02}s", seconds / kMinute, seconds % kMinute);
  if (seconds < kDay) return fmt::format("{}h{:02}m", seconds / kHour, seconds % kHour / kMinute);
  return fmt::format("{}d{:02}h", seconds / kDay, seconds % kDay / kHour);
}

std::optional<std::int64_t> parse_span(std::string_view text) noexcept {
  std::int64_t all = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    std::int64_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc() || number < 0 || number > kMost) return std::nullopt;
    const bool is_bare = next == end;
    const std::int64_t unit = is_bare ? (at == text.data() ? 1 : 0) : unit_of(*next);
    if (unit == 0) return std::nullopt;
    all += number * unit;
    if (all > kMost) return std::nullopt;
    at = is_bare ? end : next + 1;
  }
  if (all == 0) return std::nullopt;
  return all;
}

}  // namespace reeve
