// ReplayInput: the lines of one or several logs as one sequence of visits and ends, in the order of their time.
//
// Streams: of each log there is one line in memory. Lines that can't be read are counted, and the first few kept to be shown.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cli/log_calendar.h"
#include "record/log_line.h"

namespace reeve {

// A log, line by line; nullopt at its end. A line is good until the next call.
struct LogSource {
  std::string name;
  std::function<std::optional<std::string_view>()> next;
  std::vector<std::string> ends;  // services of whose visits it tells the end, as far as it was looked through
};

// The services of whose visits the next `most` lines tell the end.
[[nodiscard]] std::vector<std::string> services_that_end(const std::function<std::optional<std::string_view>()>& next, std::size_t most);

class ReplayInput {
 public:
  static constexpr std::size_t kMostShown = 5;

  struct Unreadable {
    std::string log;
    std::uint64_t line = 0;
    std::string why, text;
  };
  struct Counts {
    std::uint64_t lines = 0;
    std::uint64_t other = 0;  // tell of no visit
    std::uint64_t unreadable = 0;
    std::vector<Unreadable> shown;  // the first kMostShown
  };
  struct Event {
    LogLine line;
    WallTime wall;
  };

  ReplayInput(std::vector<LogSource> logs, LogCalendar& calendar);

  // Starts, ends, refusals and requests; good until the next call. nullptr at the end.
  [[nodiscard]] const Event* next();
  [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

 private:
  struct Cursor {
    LogSource log;
    std::uint64_t line = 0;
    WallTime last = WallTime::min();
    std::optional<Event> event;  // nullopt: at its end
  };

  void advance(Cursor& cursor);
  void note(const Cursor& cursor, std::string_view why, std::string_view text);

  LogCalendar& calendar_;
  std::vector<Cursor> cursors_;
  Cursor* given_ = nullptr;  // whose line was given out last
  Counts counts_;
};

}  // namespace reeve
