#include "engine/holding.h"

#include "engine/queue_head.h"

namespace reeve {

namespace {

// A unix socket that has stopped listening can't listen again, and a datagram socket never listens.
bool can_rest(const Door& door) {
  return door.listener && door.post->service().is_stream() && !door.post->configuration->places[door.place].is_unix();
}

}  // namespace

void Holding::hold(Post& post, Held how) {
  post.held = how;
  monitor_.send(HoldMessage{.generation = post.generation, .service = post.index, .how = how}, {});
  for (const DoorRef& door : doors_.of(post)) {
    if (how == Held::no) {
      open(door);
    } else {
      shut(*door);
    }
  }
}

void Holding::follow(const std::vector<PostRef>& posts) {
  for (const PostRef& post : posts) {
    if (post->held == Held::no) continue;
    for (const DoorRef& door : doors_.of(*post)) shut(*door);
  }
}

void Holding::shut(Door& door) {
  doors_.close(door);
  // A server that has the listener would see it end.
  if (door.occupied || !can_rest(door)) return;
  monitor_.send(RestingMessage{.generation = door.post->generation, .place = door.place, .rest = 1}, {});
}

void Holding::open(const DoorRef& door) {
  if (door->resting) return;  // cps: it is opened when that is over
  if (can_rest(*door)) {
    monitor_.send(RestingMessage{.generation = door->post->generation, .place = door->place, .rest = 0}, {});
  } else if (door->listener && !door->occupied && !door->post->service().is_stream()) {
    drop_datagrams(door->listener.get());  // of clients who have given up long ago
  }
  if (!door->occupied) doors_.open(door);
}

}  // namespace reeve
