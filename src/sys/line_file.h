// LineFile: a file, a pipe or standard input, line by line, for whoever reads more than fits into memory.
//
// One buffer for all lines. A line longer than kMaxLine bytes is cut there, and the rest of it left out; NUL bytes are bytes
// like others. Blocking: for `reeve`, not for the daemon.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

class LineFile {
 public:
  static constexpr std::size_t kMaxLine = 64 << 10;

  // "-" is standard input.
  [[nodiscard]] static Result<LineFile> open(const std::string& path);

  // Without its newline; good until the next call. nullopt at the end, and when it can't be read.
  [[nodiscard]] std::optional<std::string_view> next();
  // Begins again, where that is possible: with a file, not with a pipe.
  [[nodiscard]] bool can_rewind() const noexcept;
  void rewind() noexcept;
  // Why there is no more, if it is not the end.
  [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

 private:
  LineFile(UniqueFd file, std::string path);
  bool fill();

  UniqueFd file_;
  std::string path_;
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // what is in the buffer and was not given out
  bool at_end_ = false;
  std::optional<Error> error_;
};

}  // namespace reeve
