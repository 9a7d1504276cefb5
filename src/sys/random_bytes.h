// Bytes that nobody outside can know. Used by the engine for the order of hash tables whose keys attackers choose, and for the ids
// of alerts.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace reeve {

// From the kernel (getrandom(2), which gives up to 256 at once as soon as the system is up); zeros where it has nothing to give.
void fill_randomly(std::span<std::uint8_t> bytes) noexcept;

template <std::size_t kCount>
  requires(kCount <= 256)
[[nodiscard]] std::array<std::uint8_t, kCount> random_bytes() noexcept {
  std::array<std::uint8_t, kCount> bytes{};
  fill_randomly(bytes);
  return bytes;
}

[[nodiscard]] inline std::uint64_t random_seed() noexcept {
  return std::bit_cast<std::uint64_t>(random_bytes<8>());
}

}  // namespace reeve
