// sparkline: figures over time in one line of a terminal, a character each. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace reeve {

// The last `width` figures, right-aligned, against the largest of those shown; blank where nothing is known. What is not nothing
// is seen as more than nothing. Exactly `width` characters.
[[nodiscard]] std::string sparkline(std::span<const std::optional<double>> figures, std::size_t width, bool unicode);

}  // namespace reeve
