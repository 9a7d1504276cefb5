// Stamps of log lines: xinetd's "26/11/22@15:04:05" (only the year and the clock have leading zeros) and
// syslog's "Nov 22 15:04:05", both in local time, and RFC 3339 for JSON.
#pragma once

#include <string>

#include "base/time.h"

namespace reeve {

[[nodiscard]] std::string xinetd_stamp(WallTime wall);
[[nodiscard]] std::string syslog_stamp(WallTime wall);
// UTC, milliseconds: "2026-11-22T15:04:05.123Z".
[[nodiscard]] std::string json_stamp(WallTime wall);

}  // namespace reeve
