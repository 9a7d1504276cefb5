// Fleet::Session: one time of being connected to the store, shared by the coroutines that it keeps busy.
#pragma once

#include <span>
#include <string>

#include "defence/fleet.h"
#include "defence/redis_link.h"

namespace reeve {

struct Fleet::Session {
  explicit Session(Loop& loop) : commands(loop), reader(loop) {}

  RedisLink commands, reader;
  std::string script;    // its name in the server
  std::string position;  // in the log: what was read
  WallMs ahead = 0;      // the store's clock, beyond our instants
  Instant next_beat{}, next_comparison{};
  bool is_compared = false;   // once
  bool is_announced = false;  // our own entry among the nodes
  bool is_over = false;       // nobody is to go on
  std::string failure;        // of the reader
};

// What the server objects to among these answers; empty: nothing.
[[nodiscard]] std::string objection(std::span<const RedisReply> replies);

}  // namespace reeve
