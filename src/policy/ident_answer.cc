#include "policy/ident_answer.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/printable.h"

namespace reeve {
namespace {

constexpr std::size_t kMaxWord = 64;

std::string_view trimmed(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text.remove_suffix(text.size() - (text.find_last_not_of(kBlanks) + 1));
  return text;
}

// The text in front of `mark`, which is removed with it; nullopt if there is none.
std::optional<std::string_view> next_field(std::string_view& text, char mark) noexcept {
  const std::size_t end = text.find(mark);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view field = trimmed(text.substr(0, end));
  text.remove_prefix(end + 1);
  return field;
}

bool is_port(std::string_view text, std::uint16_t port) noexcept {
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value == port;
}

bool is_word(std::string_view text, std::string_view word) noexcept {
  return std::ranges::equal(text, word, [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 'a' + 'A' : a) == b; });
}

RemoteUser unknown(std::string reason) {
  RemoteUser user;
  user.state = RemoteUser::State::unknown;
  user.reason = std::move(reason);
  return user;
}

}  // namespace

std::string ident_question_line(std::uint16_t theirs, std::uint16_t ours) {
  return std::to_string(theirs) + ", " + std::to_string(ours) + "\r\n";
}

RemoteUser read_ident_answer(std::string_view answer, std::uint16_t theirs, std::uint16_t ours) {
  const std::size_t end = answer.find('\n');
  if (end == std::string_view::npos || end > kMaxIdentAnswer) return unknown(answer.empty() ? "no answer" : "bad answer");
  std::string_view rest = answer.substr(0, end);
  const auto first = next_field(rest, ',');
  const auto second = next_field(rest, ':');
  const auto kind = next_field(rest, ':');
  if (!first || !second || !kind) return unknown("bad answer");
  if (!is_port(*first, theirs) || !is_port(*second, ours)) return unknown("answer about other ports");
  const std::string_view text = trimmed(rest);
  if (is_word(*kind, "ERROR")) return unknown(text.empty() ? "error" : printable(text, kMaxWord));
  if (!is_word(*kind, "USERID")) return unknown("bad answer");
  const auto system = next_field(rest, ':');
  const std::string_view name = trimmed(rest);
  if (!system || system->empty() || name.empty()) return unknown("bad answer");
  RemoteUser user;
  user.state = RemoteUser::State::known;
  user.answer = printable(text, kMaxIdentAnswer);
  user.user = printable(name, kMaxIdentAnswer);
  return user;
}

}  // namespace reeve
