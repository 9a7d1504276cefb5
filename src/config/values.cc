#include "config/values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "config/lexer.h"

namespace reeve {
namespace {

std::optional<std::int64_t> parse_number(std::string_view text, int base) noexcept {
  bool negative = false;
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error == std::errc::invalid_argument || end != text.data() + text.size()) return std::nullopt;
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (error == std::errc::result_out_of_range || value > kMost) value = kMost;
  return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  return parse_number(text, 10);
}

std::optional<std::int64_t> parse_octal(std::string_view text) noexcept {
  return parse_number(text, 8);
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept {
  unsigned shift = 0;
  if (!text.empty() && lower(text.back()) == 'k') shift = 10;
  if (!text.empty() && lower(text.back()) == 'm') shift = 20;
  if (shift != 0) text.remove_suffix(1);
  const std::optional<std::int64_t> number = parse_integer(text);
  if (!number || *number < 0) return std::nullopt;
  const auto value = static_cast<std::uint64_t>(*number);
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  return value > (kMost >> shift) ? kMost : value << shift;
}

std::optional<float> parse_decimal(std::string_view text) noexcept {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; }))
    return std::nullopt;
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_yes_no(std::string_view text) noexcept {
  if (equal_ignoring_case(text, "yes")) return true;
  if (equal_ignoring_case(text, "no")) return false;
  return std::nullopt;
}

bool is_unlimited(std::string_view text) noexcept {
  return equal_ignoring_case(text, "unlimited");
}

unsigned edit_distance(std::string_view a, std::string_view b, unsigned most) {
  constexpr std::size_t kLongest = 32;
  const std::size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (a.size() > kLongest || b.size() > kLongest || difference > most) return most + 1;
  // Three rows of the usual table: swapping neighbours looks two rows back.
  std::array<std::array<unsigned, kLongest + 1>, 3> rows{};
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = static_cast<unsigned>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& before = rows[(i - 1) % 3];
    row[0] = static_cast<unsigned>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (same ? 0U : 1U)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]))
        row[j] = std::min(row[j], rows[(i - 2) % 3][j - 2] + 1);
    }
  }
  return std::min(rows[a.size() % 3][b.size()], most + 1);
}

std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates, unsigned most) {
  std::string_view best;
  unsigned best_distance = most + 1;
  for (const std::string_view candidate : candidates) {
    const unsigned distance = edit_distance(text, candidate, most);
    if (distance >= best_distance || distance * 2 >= std::max(text.size(), candidate.size())) continue;
    best = candidate;
    best_distance = distance;
  }
  return best;
}

std::string did_you_mean(std::string_view text, std::span<const std::string_view> candidates) {
  const std::string_view near = nearest(text, candidates);
  return near.empty() ? std::string() : fmt::format("did you mean `{}`?", near);
}

}  // namespace reeve
