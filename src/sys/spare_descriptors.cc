#include "sys/spare_descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <climits>

namespace reeve {

SpareDescriptors::SpareDescriptors() noexcept {
  rlimit limit{};
  const bool is_known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0;
  last_ = is_known ? static_cast<int>(std::min<rlim_t>(limit.rlim_cur, INT_MAX)) - 1 : INT_MAX;
}

bool SpareDescriptors::hold() noexcept {
  const UniqueFd for_who_asks(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  if (!for_who_asks) return false;
  for (UniqueFd& spare : held_) {
    if (!spare) spare.reset(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
  }
  return static_cast<bool>(held_.front());
}

void SpareDescriptors::give_up() noexcept {
  for (UniqueFd& spare : held_) spare.reset();
}

}  // namespace reeve
