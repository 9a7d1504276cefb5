#include "config/entry_text.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "base/printable.h"
#include "config/lexer.h"

namespace reeve {

bool is_word(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (std::size_t at = 0; at < text.size();) {
    const Utf8Character character = first_character(text.substr(at));
    if (is_blank(text[at]) || !character.printable) return false;
    at += character.bytes;
  }
  return true;
}

bool EntryText::has(std::string_view attribute) const noexcept {
  return std::ranges::any_of(attributes, [&](const auto& one) { return one.first == attribute; });
}

std::string to_text(const EntryText& entry) {
  std::string text;
  for (const std::string& comment : entry.comments) fmt::format_to(std::back_inserter(text), "# {}\n", printable(comment, 1000));
  fmt::format_to(std::back_inserter(text), "service {}\n{{\n", entry.name);
  if (entry.off) text += "    disable         = yes\n";
  for (const auto& [attribute, values] : entry.attributes)
    fmt::format_to(std::back_inserter(text), "    {:<15} ={}{}\n", attribute, values.empty() ? "" : " ", values);
  return text += "}\n";
}

}  // namespace reeve
