// Holding: services that the operator stopped or drains by `reeve`, without a file being edited.
//
// A held service's doors are shut: its ports stay ours, streams that can rest don't listen, and who comes another way
// (tcpmux, a unix socket, the rest of a queue) is refused by the gate. The state stands in the Post, so it survives
// reloads; the monitor remembers it too and tells it to the next engine.
#pragma once

#include <vector>

#include "base/message.h"
#include "engine/doors.h"
#include "engine/monitor_link.h"
#include "engine/post.h"

namespace reeve {

class Holding {
 public:
  Holding(Doors& doors, MonitorLink& monitor) noexcept : doors_(doors), monitor_(monitor) {}

  void hold(Post& post, Held how);  // Held::no: starts it again
  // A configuration is in force, and the monitor was told so: places that are new to held services are shut.
  void follow(const std::vector<PostRef>& posts);
  // A server has given its listener back.
  void shut(Door& door);

 private:
  void open(const DoorRef& door);

  Doors& doors_;
  MonitorLink& monitor_;
};

}  // namespace reeve
