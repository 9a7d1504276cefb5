// Stamps of log lines, read back: see record/stamp.h for those that reeve writes.
#pragma once

#include <optional>
#include <string_view>

#include "record/log_line.h"

namespace reeve {

// Each takes the stamp off the front of `text`, or leaves all as it is and says nullopt.

// "26/11/22@15:04:05", local time.
[[nodiscard]] std::optional<LineTime> take_xinetd_stamp(std::string_view& text) noexcept;
// "Nov 22 15:04:05", local time, no year.
[[nodiscard]] std::optional<LineTime> take_syslog_stamp(std::string_view& text) noexcept;
// RFC 3339: "2026-11-22T15:04:05.123Z", "2026-11-22 15:04:05+01:00"; without an offset local time.
[[nodiscard]] std::optional<LineTime> take_iso_stamp(std::string_view& text) noexcept;
// "22/Nov/2026:15:04:05 +0100", of web servers.
[[nodiscard]] std::optional<LineTime> take_common_stamp(std::string_view& text) noexcept;

}  // namespace reeve
