// A number that nobody outside can know. Used by the engine for the order of hash tables whose keys attackers choose.
#pragma once

#include <cstdint>

namespace reeve {

// From the kernel (getrandom(2)); 0 on a system that has nothing to give.
[[nodiscard]] std::uint64_t random_seed() noexcept;

}  // namespace reeve
