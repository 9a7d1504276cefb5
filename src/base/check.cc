#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace reeve {

void broken_invariant(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "reeve: broken invariant: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace reeve
