#include "control/line_buffer.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"

namespace reeve {

std::span<char> LineBuffer::room() {
  if (bytes_.empty()) bytes_.resize(kMaxLine);
  return {bytes_.data() + size_, bytes_.size() - size_};
}

void LineBuffer::filled(std::size_t count) noexcept {
  REEVE_CHECK(count <= bytes_.size() - size_);
  size_ += count;
}

std::optional<std::string> LineBuffer::next() {
  const std::size_t end = std::string_view(bytes_.data(), size_).find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  std::string line = bytes_.substr(0, end);
  std::copy(bytes_.data() + end + 1, bytes_.data() + size_, bytes_.data());
  size_ -= end + 1;
  return line;
}

bool LineBuffer::is_too_long() const noexcept {
  return size_ == kMaxLine && std::string_view(bytes_.data(), size_).find('\n') == std::string_view::npos;
}

}  // namespace reeve
