// Result: what a function returns that may expectedly fail.
//
// Used everywhere. `Error::what` names the operation and its object ("bind 0.0.0.0:23"), `sys_errno`
// the system's reason or 0. Return an Error or log it, never both. A broken invariant is not an Error:
// see base/check.h.
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace reeve {

struct Error {
  std::string what;
  int sys_errno = 0;

  // "what: reason of sys_errno", or just `what` when there is no errno.
  [[nodiscard]] std::string text() const;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> failure(std::string what, int sys_errno = 0) {
  return std::unexpected(Error{std::move(what), sys_errno});
}

}  // namespace reeve
