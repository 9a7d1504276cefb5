// What is to be said of a service's listeners in one word.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/doors.h"
#include "engine/post.h"

namespace reeve {

enum class DoorState : std::uint8_t {
  open,
  occupied,  // wait = yes: a server has it
  resting,   // cps
  deaf,      // could not be opened
  inner,     // has none: behind tcpmux
  stopped,   // by the operator
  draining,  // likewise
};
constexpr std::size_t kDoorStates = 7;

// That of most harm among its places.
[[nodiscard]] DoorState door_state(const Post& post, const Doors& doors) noexcept;
[[nodiscard]] std::string_view to_text(DoorState state) noexcept;

}  // namespace reeve
