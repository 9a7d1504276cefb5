// Rows: a pane of `reeve top` as a table, sorted and filtered. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cli/top_view.h"

namespace reeve {

struct TopColumn {
  std::string title;
  bool right = false;  // numbers
  unsigned worth = 0;  // where there is no room for all, those of least worth go
};

struct TopCell {
  std::string text;
  double value = 0;  // what numbers are sorted by
};

struct TopRow {
  std::string key;  // a service's id, an address, a prefix
  std::vector<TopCell> cells;
  bool is_alarming = false;
};

struct TopRows {
  std::vector<TopColumn> columns;
  std::vector<TopRow> rows;
  std::size_t all = 0;       // without the filter
  std::size_t selected = 0;  // into rows
};

[[nodiscard]] const std::vector<TopColumn>& columns_of(Pane pane);
[[nodiscard]] TopRows rows_of(const TopModel& model, const TopView& view);

// "0", "0.4", "12.3", "140", "1.2k", "3.4M".
[[nodiscard]] std::string rate_text(double per_second);
// "99999", "123k", "12M".
[[nodiscard]] std::string count_text(double count);

}  // namespace reeve
