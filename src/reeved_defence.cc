// reeved-defence: the door of the followers, who carry bans into the world. Started by reeved, not by hand.
#include <span>

#include "defence/follower.h"

int main(int argc, char** argv) {
  const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
  return reeve::run_follower(arguments.subspan(argc > 0 ? 1 : 0));
}
