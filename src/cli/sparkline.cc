#include "cli/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace reeve {

namespace {

constexpr std::array<std::string_view, 8> kBlocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<std::string_view, 8> kSigns{"_", ".", ":", "-", "=", "+", "*", "#"};

}  // namespace

std::string sparkline(std::span<const std::optional<double>> figures, std::size_t width, bool unicode) {
  if (figures.size() > width) figures = figures.last(width);
  double most = 0;
  for (const auto& figure : figures) most = std::max(most, figure.value_or(0));
  const auto& signs = unicode ? kBlocks : kSigns;
  std::string line(width - figures.size(), ' ');
  for (const auto& figure : figures) {
    const double share = most > 0 && figure ? *figure / most : 0;
    const auto level = share <= 0 ? 0 : std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(share * 7)));
    line += figure ? signs[level] : " ";
  }
  return line;
}

}  // namespace reeve
