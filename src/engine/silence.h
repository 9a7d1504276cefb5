// Silence: of a client that the engine itself speaks with. Each counts against it where penalties are on (policy/offence.h).
#pragma once

#include <cstdint>

namespace reeve {

enum class Silence : std::uint8_t {
  no,
  left,      // it went away before a byte went either way
  too_long,  // it said nothing until its time was over
};

}  // namespace reeve
