// Signals, as a daemon meets them: all blocked, all with their default disposition, read from a descriptor.
//
// Programs that are started inherit dispositions; since none differs from the default, a child has only
// its mask to clear (sys/start.h).
#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

// Undoes what the launcher left: ignored signals and a mask. Then blocks everything that can be blocked,
// except the signals of a fault of our own.
void take_over_signals() noexcept;

// In a child that goes on without them blocked.
void unblock_signals() noexcept;

class SignalQueue {
 public:
  [[nodiscard]] static Result<SignalQueue> open();
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  struct Signal {
    int number = 0;
    pid_t sender = 0;
  };
  // What is there, up to a batch; empty when there is none.
  [[nodiscard]] std::vector<Signal> take();

 private:
  explicit SignalQueue(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

}  // namespace reeve
