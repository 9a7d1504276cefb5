#include "engine/door_state.h"

namespace reeve {

DoorState door_state(const Post& post, const Doors& doors) noexcept {
  if (post.held == Held::stopped) return DoorState::stopped;
  if (post.held == Held::draining) return DoorState::draining;
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
    case DoorState::stopped:
      return "stopped";
    case DoorState::draining:
      return "draining";
  }
  return "";
}

}  // namespace reeve
