#include "base/result.h"

#include <system_error>

namespace reeve {

std::string Error::text() const {
  if (sys_errno == 0) return what;
  return what + ": " + std::generic_category().message(sys_errno);
}

}  // namespace reeve
