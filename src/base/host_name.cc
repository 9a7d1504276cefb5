#include "base/host_name.h"

#include <algorithm>

namespace reeve {
namespace {

constexpr std::size_t kMaxLabel = 63;

char folded(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) noexcept {
  return folded(c) >= 'a' && folded(c) <= 'z';
}
std::string_view without_final_dot(std::string_view name) noexcept {
  if (!name.empty() && name.back() == '.') name.remove_suffix(1);
  return name;
}
bool equal_folded(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, folded, folded);
}

}  // namespace

bool is_host_name(std::string_view text) noexcept {
  text = without_final_dot(text);
  if (text.empty() || text.size() > kMaxHostName) return false;
  std::size_t label = 0;
  bool numeric = true;
  for (const char c : text) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
      continue;
    }
    if (!is_digit(c) && !is_letter(c) && c != '-' && c != '_') return false;
    // "-x" would be an option to the program that gets it.
    if ((c == '-' && label == 0) || ++label > kMaxLabel) return false;
    numeric = numeric && is_digit(c);
  }
  return label != 0 && !numeric;
}

std::string folded_host_name(std::string_view name) {
  std::string text(without_final_dot(name));
  std::ranges::transform(text, text.begin(), folded);
  return text;
}

bool same_host_name(std::string_view a, std::string_view b) noexcept {
  return equal_folded(without_final_dot(a), without_final_dot(b));
}

bool matches_host_pattern(std::string_view name, std::string_view pattern) noexcept {
  if (pattern.empty() || pattern.front() != '.') return same_host_name(name, pattern);
  name = without_final_dot(name);
  pattern = without_final_dot(pattern);
  return name.size() > pattern.size() && equal_folded(name.substr(name.size() - pattern.size()), pattern);
}

}  // namespace reeve
