// Values: the small forms that many attributes share: numbers, sizes, yes and no, words of a fixed set.
//
// Total functions over any text; a value that does not fit is absent, never wrapped or cut.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace reeve {

// Decimal, with a sign or none; saturates at the ends of the type, so that a range check catches what is too large.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text) noexcept;
[[nodiscard]] std::optional<std::int64_t> parse_octal(std::string_view text) noexcept;
// "4096", "4K", "4M" (binary, any case); saturates.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;
// A load average: digits with one point at most.
[[nodiscard]] std::optional<float> parse_decimal(std::string_view text) noexcept;
[[nodiscard]] std::optional<bool> parse_yes_no(std::string_view text) noexcept;
[[nodiscard]] bool is_unlimited(std::string_view text) noexcept;

// The candidate that somebody who wrote `text` most likely meant; empty when none is near. Near: at most
// `most` edits (insert, delete, replace, swap neighbours), and less than half the word.
[[nodiscard]] std::string_view nearest(std::string_view text, std::span<const std::string_view> candidates, unsigned most = 2);
[[nodiscard]] unsigned edit_distance(std::string_view a, std::string_view b, unsigned most);

// "did you mean `only_from`?", or nothing.
[[nodiscard]] std::string did_you_mean(std::string_view text, std::span<const std::string_view> candidates);

}  // namespace reeve
