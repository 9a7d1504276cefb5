#include "sys/processors.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>

namespace reeve {

std::size_t usable_processors() noexcept {
  cpu_set_t set;
  CPU_ZERO(&set);
  // Refused where there are more processors than the set has room for.
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<std::size_t>(CPU_COUNT(&set));
  return static_cast<std::size_t>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L));
}

}  // namespace reeve
