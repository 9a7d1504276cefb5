#include "config/unit_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/lexer.h"

namespace reeve {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::string_view next_line(std::string_view& rest) noexcept {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_comment(std::string_view line) noexcept {
  line = trimmed(line);
  return line.starts_with('#') || line.starts_with(';');
}

// Bytes that no unit may hold.
bool is_text(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Character character = first_character(text.substr(at));
    if (!character.printable && !is_blank(text[at])) return false;
    at += character.bytes;
  }
  return true;
}

}  // namespace

void UnitFile::read(std::string_view text, std::uint16_t file, std::vector<Diagnostic>& problems) {
  const auto complain = [&](Where where, std::string what) {
    problems.push_back({.severity = Severity::error, .scope = Scope::service, .where = where, .text = std::move(what)});
  };
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  std::string section;
  std::uint32_t number = 0;
  while (!text.empty()) {
    const Where where{++number, 1, file};
    std::string line(next_line(text));
    if (is_comment(line) || trimmed(line).empty()) continue;
    while (line.ends_with('\\') && !text.empty()) {
      ++number;
      const std::string_view more = next_line(text);
      if (is_comment(more)) continue;
      line.back() = ' ';
      line += more;
    }
    const std::string_view said = trimmed(line);
    if (!is_text(said)) {
      complain(where, "the line holds bytes that are not text, it is skipped");
    } else if (said.starts_with('[') && said.ends_with(']')) {
      section = said.substr(1, said.size() - 2);
    } else if (const std::size_t equals = said.find('='); equals == std::string_view::npos || equals == 0 || section.empty()) {
      complain(where, section.empty() ? "a setting in front of the first section is skipped" : "the line is no KEY=VALUE, it is skipped");
    } else if (settings_.size() == kMostSettings) {
      return complain(where, fmt::format("more than {} settings of one unit: the rest is skipped", kMostSettings));
    } else {
      settings_.push_back({section, std::string(trimmed(said.substr(0, equals))), std::string(trimmed(said.substr(equals + 1))), where});
    }
  }
}

std::vector<const UnitSetting*> UnitFile::all(std::string_view section, std::string_view key) {
  heard_.emplace(section, key);
  std::vector<const UnitSetting*> found;
  for (const UnitSetting& one : settings_) {
    if (one.section != section || one.key != key) continue;
    if (one.value.empty()) {
      found.clear();
    } else {
      found.push_back(&one);
    }
  }
  return found;
}

const UnitSetting* UnitFile::last(std::string_view section, std::string_view key) {
  const std::vector<const UnitSetting*> found = all(section, key);
  return found.empty() ? nullptr : found.back();
}

std::vector<const UnitSetting*> UnitFile::unheard() const {
  std::vector<const UnitSetting*> found;
  for (const UnitSetting& one : settings_) {
    const bool is_foreign = one.section.starts_with("X-") || one.key.starts_with("X-");
    if (!is_foreign && !one.value.empty() && !heard_.contains({one.section, one.key})) found.push_back(&one);
  }
  return found;
}

}  // namespace reeve
