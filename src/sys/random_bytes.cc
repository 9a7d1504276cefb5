#include "sys/random_bytes.h"

#include <sys/random.h>

namespace reeve {

void fill_randomly(std::span<std::uint8_t> bytes) noexcept {
  (void)!::getrandom(bytes.data(), bytes.size(), 0);
}

}  // namespace reeve
