// The manual of each attribute: what config/attributes.h's table, which the daemon carries too, does not say.
//
// reeve.conf(5) and `reeve help attribute NAME` are made from both; a test holds that no attribute is without. A text is
// paragraphs between empty lines; `word` is a word of the language, a line that begins with four blanks an example.
#pragma once

#include <string>
#include <string_view>

namespace reeve {

struct AttributeManual {
  std::string_view name;
  std::string_view otherwise;  // what holds without it
  bool is_own = false;         // reeve's own; else xinetd has it, too
  std::string_view text;
};

// nullptr when there is none.
[[nodiscard]] const AttributeManual* manual_of(std::string_view attribute) noexcept;

// For a terminal, and as the items of an mdoc(7) list.
[[nodiscard]] std::string attribute_help(std::string_view attribute);
[[nodiscard]] std::string attributes_as_mdoc();
// A line for each.
[[nodiscard]] std::string list_of_attributes();

}  // namespace reeve
