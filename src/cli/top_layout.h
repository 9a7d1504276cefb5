// lay_out: what `reeve top` shows, as lines of styled texts for a screen of a given size. Pure.
//
// No line is wider, and there are no more lines, than the screen has, whatever its size and whatever services and reasons are
// called (cell_text.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/top_view.h"

namespace reeve {

enum class TopStyle : std::uint8_t { plain, title, head, good, bad, warning, dim, selected };

struct TopSpan {
  std::string text;  // UTF-8; ASCII only where the terminal has no more
  TopStyle style = TopStyle::plain;
};
using TopLine = std::vector<TopSpan>;

struct TopScreen {
  std::vector<TopLine> lines;
  std::size_t page = 0;  // how many rows there is room for
};

struct TopSize {
  std::size_t lines = 24, columns = 80;
  bool unicode = true;
};

// Shows view.paused instead of `model` where there is one; whether the daemon is there is always told by `model`.
[[nodiscard]] TopScreen lay_out(const TopModel& model, const TopView& view, TopSize size);

}  // namespace reeve
