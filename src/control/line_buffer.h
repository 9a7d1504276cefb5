// LineBuffer: the lines of a control connection, cut out of whatever pieces arrive.
//
// Bound: kMaxLine bytes, its newline included. A longer one makes the buffer too_long() for good; nothing of it is kept.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace reeve {

class LineBuffer {
 public:
  static constexpr std::size_t kMaxLine = 4096;

  // Where the next bytes may be put, never empty unless too_long() or a line is waiting; then how many there were.
  [[nodiscard]] std::span<char> room();
  void filled(std::size_t count) noexcept;

  // The next complete line without its newline.
  [[nodiscard]] std::optional<std::string> next();
  [[nodiscard]] bool is_too_long() const noexcept;

 private:
  std::string bytes_;
  std::size_t size_ = 0;  // of bytes_, what was filled
};

}  // namespace reeve
