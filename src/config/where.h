// Where: the place in the configuration that a value, a verdict or a diagnostic comes from.
#pragma once

#include <compare>
#include <cstdint>

namespace reeve {

struct Where {
  std::uint32_t line = 0;    // 1..; 0: nowhere (built-in default, command line)
  std::uint16_t column = 0;  // 1.., in bytes; 0: the whole line
  std::uint16_t file = 0;    // index into Configuration::files / Bundle::files

  friend constexpr auto operator<=>(const Where&, const Where&) noexcept = default;
};

}  // namespace reeve
