// Pressure stalls: which share of the last ten seconds some task of the machine lost waiting for a processor, for memory, for
// disks, as /proc/pressure tells it.
#pragma once

#include <optional>
#include <string_view>

namespace reeve {

struct PressureStalls {
  float cpu = 0, memory = 0, io = 0;  // percent
};

// avg10 of the line `some`; nullopt where there is none.
[[nodiscard]] std::optional<float> parse_pressure(std::string_view text) noexcept;

// nullopt: this kernel does not tell (CONFIG_PSI is off, or psi=0).
[[nodiscard]] std::optional<PressureStalls> pressure_stalls() noexcept;

}  // namespace reeve
