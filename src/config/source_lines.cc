#include "config/source_lines.h"

#include "config/bundle.h"

namespace reeve {

std::string_view values_of_line(std::string_view line) noexcept {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  line.remove_prefix(equals + 1);
  const std::size_t first = line.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}
namespace {

std::vector<std::size_t> line_starts(std::string_view text) {
  std::vector<std::size_t> starts;
  for (std::size_t start = 0; start < text.size();) {
    starts.push_back(start);
    const std::size_t end = text.find('\n', start);
    start = end == std::string_view::npos ? text.size() : end + 1;
  }
  return starts;
}

}  // namespace

std::string_view SourceLines::line(Where where) {
  if (where.line == 0 || where.file >= bundle_.files.size()) return {};
  const std::string_view text = bundle_.files[where.file].text;
  const auto [found, is_new] = starts_.try_emplace(where.file);
  if (is_new) found->second = line_starts(text);
  if (where.line > found->second.size()) return {};
  const std::size_t start = found->second[where.line - 1];
  std::string_view line = text.substr(start, text.find('\n', start) - start);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string_view SourceLines::path(Where where) const noexcept {
  if (where.line == 0 || where.file >= bundle_.files.size()) return {};
  return bundle_.files[where.file].path;
}

}  // namespace reeve
