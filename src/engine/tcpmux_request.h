// TcpmuxRequest: the line by which a client of tcpmux says what it wants (RFC 1078), while it arrives.
//
// Foreign bytes, in pieces as the network cuts them. Used by engine/tcpmux.cc; pure, so that a fuzzer can feed it.
// The line ends with LF, before which a CR is left out; it has at most kMaxLine bytes with its end.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace reeve {

class TcpmuxRequest {
 public:
  // RFC 1078 sets no bound; 256 is what BSD's inetd and xinetd read.
  static constexpr std::size_t kMaxLine = 256;

  // Takes of `bytes` what belongs to the line, and says how many that were: what follows is the service's.
  [[nodiscard]] std::size_t take(std::string_view bytes) noexcept {
    if (is_complete()) return 0;
    const std::size_t end = bytes.find('\n');
    const std::size_t count = std::min(end == std::string_view::npos ? bytes.size() : end + 1, kMaxLine - size_);
    std::copy_n(bytes.begin(), count, line_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += count;
    return count;
  }

  [[nodiscard]] bool is_complete() const noexcept { return size_ != 0 && line_[size_ - 1] == '\n'; }
  // There is no room for an end any more.
  [[nodiscard]] bool is_too_long() const noexcept { return size_ == kMaxLine && !is_complete(); }
  // What was asked for, when the line is complete; any bytes but LF.
  [[nodiscard]] std::string_view name() const noexcept {
    std::string_view line(line_.data(), size_);
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }

 private:
  std::array<char, kMaxLine> line_;
  std::size_t size_ = 0;
};

}  // namespace reeve
