// Words of a unit's settings: quotes and escapes, specifiers, variables (systemd.syntax(7), systemd.unit(5), systemd.service(5)).
//
// Both ways: what a command line of a unit says, and how to write words so that systemd reads them as they are. Total over
// any text; what can't be known before the unit runs is an Error that says what.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve {

struct UnitWord {
  std::string text;
  bool is_plain = true;  // nothing of it was quoted or escaped
};

// Between blanks; '...' and "..." hold a word together, a backslash begins an escape.
[[nodiscard]] Result<std::vector<UnitWord>> split_unit_words(std::string_view text);

// What is known of a unit before it runs.
struct UnitFacts {
  std::string name;    // without suffix and instance: "ftp" of ftp@.service
  std::string suffix;  // ".service"
  bool is_template = false;
  std::map<std::string, std::string, std::less<>> variables;  // Environment=
};

// "%%", "%p", ...: an Error for one that is known only when the unit runs.
[[nodiscard]] Result<std::string> expand_specifiers(std::string_view text, const UnitFacts& facts);
// "${NAME}" and "$$" in a word, "$NAME" as a word of its own, which may become several or none.
[[nodiscard]] Result<std::vector<std::string>> expand_variables(std::string_view word, const UnitFacts& facts);

// A word that split_unit_words and expand_specifiers read as `text`.
[[nodiscard]] std::string unit_word(std::string_view text);
// Likewise for an argument of ExecStart=, where a dollar begins a variable.
[[nodiscard]] std::string unit_argument(std::string_view text);

}  // namespace reeve
