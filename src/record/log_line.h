// LogLine: one line of a log, read back: what visited which service, when, and what became of it.
//
// Reads what record.h writes (xinetd's lines and JSON records), xinetd's own lines with whatever prefix a file or syslog
// put before them, and the common log format of web servers, where each request counts as one visit. Lines are foreign
// bytes: nothing is trusted, nothing allocated, every text of the result points into the line. Used by `reeve explain` and
// `reeve replay`.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

#include "base/address.h"
#include "policy/reason.h"

namespace reeve {

// The stamp of a line, as far as it says.
struct LineTime {
  enum class Zone : std::uint8_t {
    none,                // no stamp
    utc,                 // `seconds` since 1970
    local,               // the same, of the local calendar, as if it were UTC
    local_without_year,  // as `local`, of the year 2000
  };
  Zone zone = Zone::none;
  std::int64_t seconds = 0;
  std::int32_t nanoseconds = 0;
};

struct LogLine {
  enum class Event : std::uint8_t {
    start,    // it was served
    exit,     // and that ended
    refused,  // it was not served
    other,    // something else about a visit: its user, its traffic
    request,  // one line of a web server
  };
  Event event = Event::other;
  LineTime time;
  std::string_view service;  // id; empty for a request
  std::optional<Endpoint> source;
  std::int32_t pid = 0;           // 0: none, or not said
  std::int64_t duration_ms = -1;  // exit; -1: not said
  std::string_view word;          // refused: xinetd's word, where the line has it
  std::optional<Reason> reason;   // refused: where the line says more than the word
  std::string_view rule;          // refused: "FILE:LINE", where the line has it
};

enum class LineTrouble : std::uint8_t {
  nothing_known,  // in none of the forms
  broken_record,  // JSON, but not a record
  no_service,     // an event without one
};
[[nodiscard]] std::string_view to_text(LineTrouble trouble) noexcept;

// Without its newline. Lines that have a stamp and tell of no visit are Event::other.
[[nodiscard]] std::expected<LogLine, LineTrouble> read_log_line(std::string_view line) noexcept;

// May a refusal with xinetd's word be the one for `reason`?
[[nodiscard]] bool may_mean(std::string_view word, Reason reason) noexcept;

}  // namespace reeve
