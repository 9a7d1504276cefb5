// Diagnostic: one thing that is wrong, or doubtful, in a configuration.
//
// Configuration problems are values collected in a list, all of them, never the first only and never
// an exception. The monitor logs them ("TEXT [file=PATH] [line=N]"), `reeve check` prints them with the
// line and a caret, or as JSON.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/where.h"

namespace reeve {

enum class Severity : std::uint8_t {
  note,     // worth knowing: a place where reeve and xinetd differ
  warning,  // accepted, probably not meant
  error,    // the service (or include) is refused
};

// What an error costs.
enum class Scope : std::uint8_t {
  attribute,      // nothing but the line
  service,        // the service it stands in
  configuration,  // all: nothing of this configuration may be used (an error in defaults)
};

struct Diagnostic {
  Severity severity = Severity::error;
  Scope scope = Scope::attribute;
  Where where;
  std::string text;     // one line, no trailing period
  std::string hint;     // what to do, e.g. did you mean `only_from`?; may be empty
  std::string service;  // id of the service concerned; may be empty
};

struct Bundle;

// "TEXT: HINT [file=PATH] [line=N]": control characters replaced, at most 1,000 bytes.
[[nodiscard]] std::string log_text(const Diagnostic& diagnostic, const Bundle& bundle);
// Compiler style: "PATH:LINE:COLUMN: error: TEXT", the line, a caret, the hint. Ends in a newline.
[[nodiscard]] std::string caret_text(const Diagnostic& diagnostic, const Bundle& bundle, bool colour);
// All of them, in order; each file is searched for its lines once.
[[nodiscard]] std::string caret_text(const std::vector<Diagnostic>& diagnostics, const Bundle& bundle, bool colour);
// All of them as one JSON array.
[[nodiscard]] std::string json_text(const std::vector<Diagnostic>& diagnostics, const Bundle& bundle);

}  // namespace reeve
