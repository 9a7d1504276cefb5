// Host names as rules and answers compare them (RFC 1034: without regard to case; a final dot means nothing).
#pragma once

#include <string>
#include <string_view>

namespace reeve {

constexpr std::size_t kMaxHostName = 253;

// Letters, digits, '-', '_' and dots, no empty label, none longer than 63, at most kMaxHostName without the final
// dot, and not only digits and dots: somebody else's answer that is anything else is no name. It may get into logs,
// rules and programs' environments.
[[nodiscard]] bool is_host_name(std::string_view text) noexcept;

// Small letters, without the final dot.
[[nodiscard]] std::string folded_host_name(std::string_view name);

[[nodiscard]] bool same_host_name(std::string_view a, std::string_view b) noexcept;

// Does `name` match one entry of only_from or no_access: a host name, or ".domain", which all names below it match?
[[nodiscard]] bool matches_host_pattern(std::string_view name, std::string_view pattern) noexcept;

}  // namespace reeve
