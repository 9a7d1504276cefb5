// Lexer: from the text of a file to lines and words that know where they stand.
//
// A line whose first character is '#' is a comment, words are separated by blanks, nothing is quoted:
// that is all of xinetd.conf's lexical grammar. CR LF and a byte order mark are taken; a line that is too
// long, holds a NUL byte or is not UTF-8 is handed out with its damage, for the reader to say so.
// Views point into the file's text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "config/where.h"

namespace reeve {

struct Word {
  std::string_view text;
  Where where;
};

struct Line {
  enum class Damage : std::uint8_t { none, too_long, nul_byte, not_utf8 };

  std::string_view text;  // without blanks at its ends; never empty
  Where where;            // of its first character
  Damage damage = Damage::none;
  Where damaged_at;
};

class Lexer {
 public:
  Lexer(std::string_view text, std::uint16_t file) noexcept;

  // The next line that is neither blank nor a comment; false at the end.
  [[nodiscard]] bool next(Line& line) noexcept;
  // Passes over lines that begin with none of these lower-case letters, in any case: much faster than next().
  void skip_to(std::string_view initials) noexcept;
  // Where the text ends, for what is missing there.
  [[nodiscard]] Where here() const noexcept { return {number_, 1, file_}; }

 private:
  std::string_view rest_;
  std::uint32_t number_ = 0;
  std::uint16_t file_;
  bool is_clean_;  // no line holds a NUL byte or anything but ASCII, as nearly all files
};

[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

// Column `offset` bytes behind `start`; saturates.
[[nodiscard]] Where behind(Where start, std::size_t offset) noexcept;

// The first word of a line.
[[nodiscard]] std::string_view first_word(std::string_view line) noexcept;
// Appends the words of `text`, which begins at `where`.
void split(std::string_view text, Where where, std::vector<Word>& words);

// ASCII only, as the language has it.
[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

}  // namespace reeve
