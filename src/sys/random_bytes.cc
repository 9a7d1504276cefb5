#include "sys/random_seed.h"

#include <sys/random.h>

namespace reeve {

std::uint64_t random_seed() noexcept {
  std::uint64_t seed = 0;
  (void)!::getrandom(&seed, sizeof seed, 0);  // so few bytes can't be refused once the system is up
  return seed;
}

}  // namespace reeve
