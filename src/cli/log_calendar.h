// LogCalendar: when was it? Stamps of log lines, and times that people type, as moments; moments as local minutes.
//
// Remembers the local time's offset of the quarter of an hour that it was asked about last: the local calendar costs more
// than reading a line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "record/log_line.h"

namespace reeve {

class LogCalendar {
 public:
  // `now`: stamps without a year are of the last year that doesn't put them into the future.
  explicit LogCalendar(WallTime now) : now_(now) {}

  // nullopt: the line has no stamp.
  [[nodiscard]] std::optional<WallTime> wall_of(const LineTime& time);
  [[nodiscard]] LocalMinute local_minute(WallTime wall);

  // What people type: "09:30" (today), "2026-11-22", "2026-11-22 09:30", with seconds, with "T", "Z" or "+01:00", or
  // xinetd's stamp.
  [[nodiscard]] std::optional<WallTime> parse(std::string_view text);

 private:
  [[nodiscard]] std::int64_t offset_at(std::int64_t utc);
  [[nodiscard]] WallTime from_local(std::int64_t local);

  WallTime now_;
  std::int64_t quarter_ = INT64_MIN, offset_ = 0;
  std::int64_t day_of_none_ = INT64_MIN, day_ = 0;  // the last day without a year, and the day it was
};

// "Wed 2026-11-25 08:24:00", local time.
[[nodiscard]] std::string date_text(WallTime wall);

}  // namespace reeve
