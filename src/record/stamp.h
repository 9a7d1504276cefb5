// Stamps of log lines: xinetd's "26/11/22@15:04:05" (only the year and the clock have leading zeros) and
// syslog's "Nov 22 15:04:05", both in local time, and RFC 3339 for JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"

namespace reeve {

[[nodiscard]] std::string xinetd_stamp(WallTime wall);
[[nodiscard]] std::string syslog_stamp(WallTime wall);
// UTC, milliseconds: "2026-11-22T15:04:05.123Z".
[[nodiscard]] std::string json_stamp(WallTime wall);

// Remembers the stamp of the second that it was asked for last: the local calendar costs more than the
// rest of a line. Views hold until the next call.
class StampCache {
 public:
  [[nodiscard]] std::string_view xinetd(WallTime wall) { return of(wall, xinetd_, xinetd_stamp); }
  [[nodiscard]] std::string_view syslog(WallTime wall) { return of(wall, syslog_, syslog_stamp); }

 private:
  struct Entry {
    std::int64_t second = INT64_MIN;
    std::string text;
  };
  static std::string_view of(WallTime wall, Entry& entry, std::string (*make)(WallTime));

  Entry xinetd_, syslog_;
};

}  // namespace reeve
