#include "cli/cell_text.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/printable.h"

namespace reeve {

namespace {

struct Range {
  std::uint32_t first, last;
};

// One cell each, by Unicode's EastAsianWidth (ambiguous ones are narrow outside East Asian locales) and without marks that combine.
constexpr auto kNarrow = std::to_array<Range>({
    {0x20, 0x7e},
    {0xa1, 0xac},    // Latin-1, without the soft hyphen
    {0xae, 0x2ff},   // Latin
    {0x370, 0x377},  // Greek
    {0x37a, 0x37f},
    {0x384, 0x38a},
    {0x38e, 0x3a1},
    {0x3a3, 0x482},  // and Cyrillic
    {0x48a, 0x52f},
    {0x1e00, 0x1f15},  // Latin, additional
    {0x2010, 0x2027},  // dashes, quotes, dots
    {0x2030, 0x205e},
    {0x20a0, 0x20bf},  // currencies
    {0x2190, 0x21ff},  // arrows
    {0x2500, 0x25bf},  // lines, blocks, triangles
});
constexpr auto kWide = std::to_array<Range>({
    {0x3041, 0x3096},  // Hiragana
    {0x30a0, 0x30ff},  // Katakana
    {0x3400, 0x4dbf},  // ideographs
    {0x4e00, 0x9fff},
    {0xac00, 0xd7a3},  // Hangul
    {0xff01, 0xff60},  // full-width forms
});

bool holds(const auto& ranges, std::uint32_t code) noexcept {
  return std::ranges::any_of(ranges, [&](const Range& range) { return code >= range.first && code <= range.last; });
}

// Of a well-formed character.
std::uint32_t code_of(std::string_view character) noexcept {
  const auto lead = static_cast<std::uint8_t>(character[0]);
  if (character.size() == 1) return lead;
  std::uint32_t code = lead & (0x7fu >> character.size());
  for (const char each : character.substr(1)) code = code << 6 | (static_cast<std::uint8_t>(each) & 0x3fu);
  return code;
}

struct Cell {
  std::string_view shown;
  std::size_t cells = 1;
};

Cell cell_of(std::string_view character, bool printable, bool unicode) noexcept {
  if (!printable) return {"?"};
  const std::uint32_t code = code_of(character);
  if (code >= 0x80 && !unicode) return {"?"};
  if (holds(kNarrow, code)) return {character};
  if (holds(kWide, code)) return {character, 2};
  return {"?"};
}

}  // namespace

CellText cell_text(std::string_view text, std::size_t most, bool unicode) {
  CellText result;
  std::size_t cut_bytes = 0, cut_cells = 0;  // where the text may end so that '~' still fits
  while (!text.empty()) {
    const Utf8Character character = first_character(text);
    const Cell cell = cell_of(text.substr(0, character.bytes), character.printable, unicode);
    if (result.cells + cell.cells > most) {
      result.text.resize(cut_bytes);
      result.cells = cut_cells;
      if (most > 0) {
        result.text += '~';
        ++result.cells;
      }
      return result;
    }
    result.text += cell.shown;
    result.cells += cell.cells;
    if (result.cells < most) {
      cut_bytes = result.text.size();
      cut_cells = result.cells;
    }
    text.remove_prefix(character.bytes);
  }
  return result;
}

std::string cell_field(std::string_view text, std::size_t width, bool right, bool unicode) {
  CellText fitted = cell_text(text, width, unicode);
  const std::string blanks(width - fitted.cells, ' ');
  return right ? blanks + fitted.text : std::move(fitted.text) + blanks;
}

}  // namespace reeve
