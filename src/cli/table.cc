#include "cli/table.h"

#include <algorithm>
#include <string_view>

namespace reeve {

namespace {

constexpr std::string_view kBold = "\x1b[1m", kPlain = "\x1b[0m";

std::size_t width_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

}  // namespace

std::string Table::text(bool colour) const {
  if (rows_.empty()) return {};
  std::vector<std::size_t> widths;
  for (std::size_t each = 0; each < columns_.size(); ++each) {
    std::size_t width = width_of(columns_[each].title);
    for (const auto& row : rows_) width = std::max(width, width_of(row[each]));
    widths.push_back(width);
  }
  std::string all;
  const auto add_line = [&](const auto& cell_of) {
    std::string line;
    for (std::size_t each = 0; each < columns_.size(); ++each) {
      const std::string& cell = cell_of(each);
      const std::string padding(widths[each] - width_of(cell), ' ');
      if (each != 0) line += "  ";
      line += columns_[each].right ? padding + cell : cell + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  };
  const std::string titles = add_line([&](std::size_t each) -> const std::string& { return columns_[each].title; });
  all += colour ? std::string(kBold) + titles + std::string(kPlain) : titles;
  all += '\n';
  for (const auto& row : rows_) {
    all += add_line([&](std::size_t each) -> const std::string& { return row[each]; });
    all += '\n';
  }
  return all;
}

}  // namespace reeve
