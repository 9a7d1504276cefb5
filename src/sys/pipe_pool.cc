#include "sys/pipe_pool.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace reeve {

std::optional<Pipe> PipePool::take() {
  if (!free_.empty()) {
    Pipe pipe = std::move(free_.back());
    free_.pop_back();
    return pipe;
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return std::nullopt;
  (void)::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(kBytes));  // refused at the user's bound: then it stays small
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

void PipePool::give_back(Pipe pipe) {
  if (free_.size() < kMostFree) free_.push_back(std::move(pipe));
}

}  // namespace reeve
