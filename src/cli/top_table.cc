#include "cli/top_table.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "cli/cell_text.h"

namespace reeve {

namespace {

constexpr std::size_t kWidest = 45;  // an IPv6 network is 43
constexpr std::size_t kGap = 2;

std::string title_of(const TopColumn& column, bool is_sorted, const PaneView& pane, bool unicode) {
  if (!is_sorted) return column.title;
  std::string text = unicode ? (pane.descending ? "▼" : "▲") : (pane.descending ? "v" : "^");
  return text += column.title;
}

// As wide as what is in it.
std::vector<std::size_t> widths_of(const TopRows& rows, const std::vector<std::string>& titles, bool unicode) {
  std::vector<std::size_t> widths;
  for (std::size_t column = 0; column < titles.size(); ++column) {
    // Room for the mark of sorting and for a number's growth, so that columns don't move.
    std::size_t width = rows.columns[column].title.size() + 1;
    for (const TopRow& row : rows.rows) width = std::max(width, cell_text(row.cells[column].text, kWidest, unicode).cells);
    widths.push_back(width);
  }
  return widths;
}

// Which columns there is room for; the first and the one that is sorted by stay longest.
std::vector<std::size_t> shown_of(const TopRows& rows, const PaneView& pane, const std::vector<std::size_t>& widths, std::size_t room) {
  std::vector<std::size_t> shown(widths.size());
  std::iota(shown.begin(), shown.end(), std::size_t{0});
  const auto needed = [&] {
    std::size_t all = 0;
    for (const std::size_t column : shown) all += widths[column] + kGap;
    return all - kGap;
  };
  while (shown.size() > 1 && needed() > room) {
    const auto least = std::ranges::min_element(shown, {}, [&](std::size_t column) {
      return column == 0 ? 100u : column == pane.sort ? 99u : rows.columns[column].worth;
    });
    shown.erase(least);
  }
  return shown;
}

std::string line_of(const std::vector<std::string>& texts, const TopRows& rows, const std::vector<std::size_t>& shown,
                    const std::vector<std::size_t>& widths, const TopSize& size) {
  std::string line;
  for (const std::size_t column : shown) {
    if (!line.empty()) line.append(kGap, ' ');
    line += cell_field(texts[column], widths[column], rows.columns[column].right, size.unicode);
  }
  return cell_field(line, size.columns, false, size.unicode);
}

}  // namespace

std::vector<TopLine> table_lines(const TopRows& rows, const PaneView& pane, std::size_t page, const TopSize& size) {
  std::vector<std::string> titles;
  for (std::size_t column = 0; column < rows.columns.size(); ++column)
    titles.push_back(title_of(rows.columns[column], column == pane.sort, pane, size.unicode));
  std::vector<std::size_t> widths = widths_of(rows, titles, size.unicode);
  const std::vector<std::size_t> shown = shown_of(rows, pane, widths, size.columns);
  widths[0] = std::min(widths[0], size.columns);
  std::vector<TopLine> lines{{{line_of(titles, rows, shown, widths, size), TopStyle::head}}};
  if (page == 0) return lines;
  const std::size_t first = rows.selected / page * page;
  for (std::size_t each = first; each < std::min(first + page, rows.rows.size()); ++each) {
    const TopRow& row = rows.rows[each];
    std::vector<std::string> texts;
    for (const TopCell& cell : row.cells) texts.push_back(cell.text);
    const TopStyle style = each == rows.selected ? TopStyle::selected : row.is_alarming ? TopStyle::warning : TopStyle::plain;
    lines.push_back({{line_of(texts, rows, shown, widths, size), style}});
  }
  return lines;
}

}  // namespace reeve
