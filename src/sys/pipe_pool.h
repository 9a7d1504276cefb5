// PipePool: pipes that carry bytes from one socket to another without copying them (splice(2)).
//
// A pipe is held only while bytes are in it, so a few, still warm in the cache, serve thousands of connections.
// Used by engine/relay. At most kMostFree empty ones are kept. The kernel bounds what an unprivileged user's pipes
// may hold (pipe(7), pipe-user-pages-soft); beyond it a pipe is small, and where there is no descriptor there is none.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/unique_fd.h"

namespace reeve {

struct Pipe {
  UniqueFd out, in;  // read from `out` what was written to `in`
};

class PipePool {
 public:
  // What a pipe is asked to hold.
  static constexpr std::size_t kBytes = 256 * 1024;
  static constexpr std::size_t kMostFree = 64;

  // Empty; nullopt when there is no descriptor or memory for one.
  [[nodiscard]] std::optional<Pipe> take();
  // An empty one, for the next.
  void give_back(Pipe pipe);

 private:
  std::vector<Pipe> free_;
};

}  // namespace reeve
