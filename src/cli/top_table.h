// The table of a pane as lines: columns as wide as their texts, those of least worth left out where there is no room. Pure.
#pragma once

#include <cstddef>
#include <vector>

#include "cli/top_layout.h"
#include "cli/top_rows.h"

namespace reeve {

// The head, and `page` rows: the page on which the selected one is. At most size.columns wide.
[[nodiscard]] std::vector<TopLine> table_lines(const TopRows& rows, const PaneView& pane, std::size_t page, const TopSize& size);

}  // namespace reeve
