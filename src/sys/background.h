// Background: leaving the terminal without leaving its user in the dark.
//
// The launcher waits until the daemon says that it serves, and exits with what it is told: 0, or the
// daemon's exit status behind the reason on standard error.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

class Background {
 public:
  // For a process that stays in the foreground: every call is without effect.
  Background() noexcept = default;

  // Forks twice. Returns in the daemon, which has a session of its own and no terminal; the launcher
  // never returns.
  [[nodiscard]] static Result<Background> enter();

  // The launcher exits with 0; standard error is given up.
  void serves();
  // The launcher prints `reason` and exits with `status`.
  void failed(std::string_view reason, int status);

 private:
  explicit Background(UniqueFd launcher) noexcept : launcher_(std::move(launcher)) {}
  UniqueFd launcher_;  // to the launcher; closed without a word if the daemon dies
};

}  // namespace reeve
