// The small forms of a scenario's values: durations, rates, shares. Total over any text; absent where it does not fit.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace reeve {

// "90", "90s", "1.5m", "250ms", "24h", "2d"; below kLongestScenario.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) noexcept;
// "10/s", "2/m", "0.5/h", "3/d": the mean time between two.
[[nodiscard]] std::optional<std::chrono::nanoseconds> parse_rate(std::string_view text) noexcept;
// Not negative, without an exponent.
[[nodiscard]] std::optional<double> parse_real(std::string_view text) noexcept;
// "Mon", "monday": 0 is Sunday.
[[nodiscard]] std::optional<std::uint8_t> parse_weekday(std::string_view text) noexcept;
// "09:30": minutes since midnight.
[[nodiscard]] std::optional<std::uint16_t> parse_time_of_day(std::string_view text) noexcept;

}  // namespace reeve
