#include "config/unit_values.h"

#include <algorithm>
#include <array>

#include "config/lexer.h"
#include "config/values.h"

namespace reeve {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) noexcept {
  return std::ranges::any_of(words, [&](std::string_view word) { return equal_ignoring_case(text, word); });
}

std::optional<std::uint64_t> digits(std::string_view text) noexcept {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto value = parse_integer(text);
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

struct Unit {
  std::string_view name;
  std::uint64_t microseconds;
};
constexpr auto kUnits = std::to_array<Unit>({
    {"usec", 1},
    {"us", 1},
    {"msec", 1000},
    {"ms", 1000},
    {"seconds", 1'000'000},
    {"second", 1'000'000},
    {"sec", 1'000'000},
    {"s", 1'000'000},
    {"", 1'000'000},
    {"minutes", 60'000'000},
    {"minute", 60'000'000},
    {"min", 60'000'000},
    {"m", 60'000'000},
    {"hours", 3'600'000'000},
    {"hour", 3'600'000'000},
    {"hr", 3'600'000'000},
    {"h", 3'600'000'000},
    {"days", 86'400'000'000},
    {"day", 86'400'000'000},
    {"d", 86'400'000'000},
});

std::optional<std::uint16_t> port_of(std::string_view text) noexcept {
  const auto number = digits(text);
  if (!number || *number == 0 || *number > UINT16_MAX) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

}  // namespace

std::optional<bool> parse_unit_bool(std::string_view text) noexcept {
  if (is_one_of(text, {"1", "yes", "y", "true", "t", "on"})) return true;
  if (is_one_of(text, {"0", "no", "n", "false", "f", "off"})) return false;
  return std::nullopt;
}

std::optional<std::uint64_t> parse_unit_time(std::string_view text) noexcept {
  if (text == "infinity") return UINT64_MAX;
  constexpr std::uint64_t kMost = UINT64_MAX / 2;
  std::uint64_t sum = 0;
  bool has_any = false;
  while (!text.empty()) {
    if (is_blank(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto number = digits(text.substr(0, end));
    text.remove_prefix(end);
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    const std::size_t name_end = std::min(text.find_first_of("0123456789 \t"), text.size());
    const auto unit = std::ranges::find(kUnits, text.substr(0, name_end), &Unit::name);
    if (!number || unit == kUnits.end() || (*number != 0 && unit->microseconds > kMost / *number)) return std::nullopt;
    text.remove_prefix(name_end);
    sum += *number * unit->microseconds;
    if (sum > kMost) return std::nullopt;
    has_any = true;
  }
  return has_any ? std::optional(sum) : std::nullopt;
}

std::optional<std::uint64_t> parse_unit_size(std::string_view text) noexcept {
  if (text == "infinity") return UINT64_MAX;
  static constexpr std::string_view kSuffixes = "KMGTPE";
  unsigned shift = 0;
  if (!text.empty() && text.back() == 'B') text.remove_suffix(1);
  if (!text.empty()) {
    const std::size_t at = kSuffixes.find(text.back());
    if (at != std::string_view::npos) {
      shift = 10 * (static_cast<unsigned>(at) + 1);
      text.remove_suffix(1);
    }
  }
  const auto number = digits(text);
  if (!number || *number > static_cast<std::uint64_t>(INT64_MAX) >> shift) return std::nullopt;
  return *number << shift;
}

std::optional<UnitAddress> parse_unit_address(std::string_view text) {
  UnitAddress found;
  if (text.size() > 1 && (text.front() == '/' || text.front() == '@')) {
    found.path = text;
    return found;
  }
  const std::size_t colon = text.rfind(':');
  const auto port = port_of(colon == std::string_view::npos ? text : text.substr(colon + 1));
  if (!port) return std::nullopt;
  found.port = *port;
  if (colon == std::string_view::npos) return found;
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const auto address = parse_address(host.substr(0, host.find('%')));
  if (!address || address->is_v4() == is_bracketed) return std::nullopt;
  found.address = host;
  found.is_v4 = !is_bracketed;
  return found;
}

std::optional<std::vector<Prefix>> parse_unit_prefixes(std::string_view word) {
  const auto v4 = [](std::uint32_t address, unsigned bits) { return Prefix::of(Address::v4(address), 96 + bits); };
  const auto v6 = [](std::string_view address, unsigned bits) { return Prefix::of(*parse_address(address), bits); };
  if (word == "any") return std::vector{v4(0, 0), v6("::", 0)};
  if (word == "localhost") return std::vector{v4(0x7f000000, 8), v6("::1", 128)};
  if (word == "link-local") return std::vector{v4(0xa9fe0000, 16), v6("fe80::", 64)};
  if (word == "multicast") return std::vector{v4(0xe0000000, 4), v6("ff00::", 8)};
  const std::size_t slash = std::min(word.find('/'), word.size());
  const auto address = parse_address(word.substr(0, slash));
  if (!address) return std::nullopt;
  const unsigned most = address->is_v4() ? 32 : 128;
  std::uint64_t bits = most;
  if (slash < word.size()) {
    const auto number = digits(word.substr(slash + 1));
    if (!number || *number > most) return std::nullopt;
    bits = *number;
  }
  return std::vector{Prefix::of(*address, 128 - most + static_cast<unsigned>(bits))};
}

}  // namespace reeve
