#include "config/lexer.h"

#include <algorithm>
#include <cstring>

#include "base/printable.h"
#include "config/bundle.h"

namespace reeve {
namespace {

bool is_plain_ascii(std::string_view text) noexcept {
  unsigned char all = 0;
  for (const char c : text) all = static_cast<unsigned char>(all | static_cast<unsigned char>(c));
  return all < 0x80;
}

void find_damage(Line& line) noexcept {
  const void* nul = std::memchr(line.text.data(), '\0', line.text.size());
  if (nul != nullptr) {
    line.damage = Line::Damage::nul_byte;
    line.damaged_at = behind(line.where, static_cast<std::size_t>(static_cast<const char*>(nul) - line.text.data()));
    return;
  }
  if (is_plain_ascii(line.text)) return;
  for (std::size_t at = 0; at < line.text.size();) {
    const std::size_t bytes = first_character(line.text.substr(at)).bytes;
    if (bytes == 1 && static_cast<unsigned char>(line.text[at]) >= 0x80) {
      line.damage = Line::Damage::not_utf8;
      line.damaged_at = behind(line.where, at);
      return;
    }
    at += bytes;
  }
}

}  // namespace

Lexer::Lexer(std::string_view text, std::uint16_t file) noexcept : rest_(text), file_(file) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  is_clean_ = is_plain_ascii(rest_) && rest_.find('\0') == std::string_view::npos;
}

bool Lexer::next(Line& line) noexcept {
  while (!rest_.empty()) {
    const std::size_t length = std::min(rest_.find('\n'), rest_.size());
    std::string_view text = rest_.substr(0, length);
    rest_.remove_prefix(std::min(length + 1, rest_.size()));
    ++number_;

    std::size_t begin = 0;
    while (begin < text.size() && is_blank(text[begin])) ++begin;
    if (begin == text.size() || text[begin] == '#') continue;
    const bool too_long = text.size() > kMaxLineBytes;
    while (is_blank(text.back())) text.remove_suffix(1);

    line.text = text.substr(begin);
    line.where = behind({number_, 1, file_}, begin);
    line.damage = Line::Damage::none;
    if (too_long) {
      line.damage = Line::Damage::too_long;
      line.damaged_at = line.where;
    } else if (!is_clean_) {
      find_damage(line);
    }
    return true;
  }
  return false;
}

void Lexer::skip_to(std::string_view initials) noexcept {
  while (!rest_.empty()) {
    std::size_t begin = 0;
    while (begin < rest_.size() && rest_[begin] != '\n' && is_blank(rest_[begin])) ++begin;
    if (begin < rest_.size() && initials.find(lower(rest_[begin])) != std::string_view::npos) return;
    const std::size_t end = rest_.find('\n', begin);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++number_;
  }
}

Where behind(Where start, std::size_t offset) noexcept {
  start.column = static_cast<std::uint16_t>(std::min<std::size_t>(start.column + offset, UINT16_MAX));
  return start;
}

std::string_view first_word(std::string_view line) noexcept {
  return line.substr(0, static_cast<std::size_t>(std::find_if(line.begin(), line.end(), is_blank) - line.begin()));
}

void split(std::string_view text, Where where, std::vector<Word>& words) {
  std::size_t at = 0;
  for (;;) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size()) return;
    const std::string_view word = first_word(text.substr(at));
    words.push_back({word, behind(where, at)});
    at += word.size();
  }
}

}  // namespace reeve
