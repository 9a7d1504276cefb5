#include "engine/door_state.h"

namespace reeve {

DoorState door_state(const Post& post, const Doors& doors) noexcept {
  if (!post.service().listens()) return DoorState::inner;
  bool deaf = false, occupied = false, resting = false;
  for (const DoorRef& door : doors.of(post)) {
    deaf = deaf || !door->listener;
    occupied = occupied || door->occupied;
    resting = resting || door->resting;
  }
  if (deaf) return DoorState::deaf;
  if (resting) return DoorState::resting;
  return occupied ? DoorState::occupied : DoorState::open;
}

std::string_view to_text(DoorState state) noexcept {
  switch (state) {
    case DoorState::open:
      return "open";
    case DoorState::occupied:
      return "occupied";
    case DoorState::resting:
      return "resting";
    case DoorState::deaf:
      return "deaf";
    case DoorState::inner:
      return "inner";
  }
  return "";
}

}  // namespace reeve
