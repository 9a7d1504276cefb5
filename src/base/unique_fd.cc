#include "base/unique_fd.h"

#include <unistd.h>

namespace reeve {

void UniqueFd::reset(int fd) noexcept {
  // close(2): after EINTR the descriptor is gone on Linux, so there is nothing to repeat.
  if (fd_ >= 0) ::close(fd_);
  fd_ = fd;
}

}  // namespace reeve
