// Texts in the cells of a terminal: how many they take, and harmless whatever they hold.
//
// Only characters are let through whose width every terminal agrees on: ASCII, the alphabets and signs that take one cell,
// and the ideographs that take two. All others, control characters and marks among them, become '?'; without `unicode`
// (a terminal that has ASCII only) everything but ASCII does. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace reeve {

struct CellText {
  std::string text;
  std::size_t cells = 0;
};

// At most `most` cells; a text that was cut ends in '~'.
[[nodiscard]] CellText cell_text(std::string_view text, std::size_t most, bool unicode);

// The same, filled up with blanks to exactly `width` cells, at its left side for `right`.
[[nodiscard]] std::string cell_field(std::string_view text, std::size_t width, bool right, bool unicode);

}  // namespace reeve
