// SourceLines: the lines of a Bundle's files, found by number.
//
// For whoever shows an administrator his own words: diagnostics and `reeve show`. Each file is searched
// for its line ends once, at the first question about it. Views into the Bundle, which outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/where.h"

namespace reeve {

struct Bundle;

// "ATTRIBUTE OP VALUES" of a line -> "VALUES".
[[nodiscard]] std::string_view values_of_line(std::string_view line) noexcept;

class SourceLines {
 public:
  explicit SourceLines(const Bundle& bundle) : bundle_(bundle) {}

  // Without its line end; empty for a place that isn't there.
  [[nodiscard]] std::string_view line(Where where);
  // Empty when `where` is nowhere.
  [[nodiscard]] std::string_view path(Where where) const noexcept;

 private:
  const Bundle& bundle_;
  std::unordered_map<std::uint16_t, std::vector<std::size_t>> starts_;  // file -> where its lines begin
};

}  // namespace reeve
