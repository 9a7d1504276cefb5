#include "cli/wrapped_text.h"

#include <algorithm>
#include <cstddef>

namespace reeve {

std::string wrapped_text(std::string_view text) {
  constexpr std::size_t kWidth = 78;
  std::string out;
  std::size_t column = 0;
  const auto end_line = [&] {
    if (column > 0) out += '\n';
    column = 0;
  };
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty() || line.front() == ' ') {
      end_line();
      out += line;
      out += '\n';
      continue;
    }
    while (!line.empty()) {
      const std::size_t blank = std::min(line.find(' '), line.size());
      const std::string_view word = line.substr(0, blank);
      line.remove_prefix(std::min(blank + 1, line.size()));
      if (column > 0 && column + 1 + word.size() > kWidth) end_line();
      if (column > 0) {
        out += ' ';
        ++column;
      }
      out += word;
      column += word.size();
    }
  }
  end_line();
  return out;
}

}  // namespace reeve
