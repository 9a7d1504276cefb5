// Spans of time as people write and read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve {

// "45s", "3m10s", "2h05m", "3d04h".
[[nodiscard]] std::string span_text(std::int64_t seconds);
// "90s", "30m", "2h", "1d", "1w", "1h30m", "90" (seconds). nullopt: none of these, nothing, or more than 10 years.
[[nodiscard]] std::optional<std::int64_t> parse_span(std::string_view text) noexcept;

}  // namespace reeve
