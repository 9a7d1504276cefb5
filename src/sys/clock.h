// The clocks, read. The one place where time enters; everything else is handed a Moment.
#pragma once

#include <string>

#include "base/time.h"

namespace reeve {

[[nodiscard]] Instant instant_now() noexcept;                             // CLOCK_BOOTTIME
[[nodiscard]] WallTime wall_now() noexcept;                               // CLOCK_REALTIME
[[nodiscard]] LocalMinute local_minute(WallTime wall) noexcept;           // localtime_r(3), TZ
[[nodiscard]] std::chrono::seconds local_offset(WallTime wall) noexcept;  // east of UTC at that time, the same way
[[nodiscard]] Moment moment_now() noexcept;

// Which boot of the machine this is (proc(5), random/boot_id); empty when it can't be read.
[[nodiscard]] std::string boot_id();

// The one-minute load average of proc(5)'s /proc/loadavg; 0 when it can't be read.
[[nodiscard]] double load_average() noexcept;

}  // namespace reeve
