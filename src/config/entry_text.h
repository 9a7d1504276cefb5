// EntryText: a service's entry as text that parse() reads, for whoever writes an xinetd.conf (`reeve convert`).
//
// The language knows no quotes: a value that is no word can't be written, and is_word() says so. Comments stand above the
// entry, so that what could not be converted is read where it matters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/diagnostic.h"

namespace reeve {

// Can it stand as one word of an attribute's value?
[[nodiscard]] bool is_word(std::string_view text) noexcept;

struct EntryText {
  std::string name;
  std::vector<std::string> comments;                            // a line each
  std::vector<std::pair<std::string, std::string>> attributes;  // in this order; the values are words with blanks between
  bool off = false;                                             // disable = yes, whatever the attributes are

  void set(std::string_view attribute, std::string_view values) { attributes.emplace_back(attribute, values); }
  [[nodiscard]] bool has(std::string_view attribute) const noexcept;
};

[[nodiscard]] std::string to_text(const EntryText& entry);

// What became of a foreign configuration.
struct Imported {
  std::string text;
  std::vector<Diagnostic> diagnostics;  // by file and line; a warning for each meaning that is lost
  std::size_t entries = 0, off = 0;     // off: of them with `disable = yes`
};

}  // namespace reeve
