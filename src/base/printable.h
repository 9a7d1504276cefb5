// Texts that came from somebody else, made fit for a terminal, a log line or a JSON document.
//
// Whoever prints a configuration's or a stranger's bytes passes them through here, so that they can't
// start a new line, move a terminal's cursor or break a document. Pure; total over all bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reeve {

// One character of a text and the bytes that it takes up.
struct Utf8Character {
  std::size_t bytes = 1;
  bool printable = false;  // well-formed, and no control or direction-changing character
};

// The character at the beginning of `text`, which is not empty. Malformed bytes count one by one.
[[nodiscard]] Utf8Character first_character(std::string_view text) noexcept;

// Writes a code point in UTF-8 behind `text`.
void append_utf8(std::string& text, char32_t code);

// Characters that aren't printable become '?' (each malformed byte one). Cut at `most` bytes, never
// inside a character; a cut text ends in "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t most = std::string_view::npos);

// A JSON string with its quotes. Malformed bytes become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace reeve
