// parse_scenario: from the text of a scenario file to a Scenario and all that is wrong in it.
//
// The syntax is that of xinetd.conf's entries, read by config's lexer: `scenario` and `population NAME`, each with
// `ATTRIBUTE = VALUE...` lines in braces. Pure and total over any bytes; every diagnostic has its line and column.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "config/diagnostic.h"
#include "simulate/scenario.h"

namespace reeve {

struct ParsedScenario {
  Scenario scenario;                    // to be used only without errors
  std::vector<Diagnostic> diagnostics;  // ordered by line; each is an error
};

// `file`: index for Where::file.
[[nodiscard]] ParsedScenario parse_scenario(std::string_view text, std::uint16_t file);

// The names of all attributes, for the documents' test.
[[nodiscard]] std::vector<std::string_view> scenario_attributes();

}  // namespace reeve
