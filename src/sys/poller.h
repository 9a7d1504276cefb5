// Poller: waits for descriptors. A thin epoll, level-triggered, for the monitor, which has few
// descriptors to watch and wants no library between itself and the kernel.
#pragma once

#include <array>
#include <optional>
#include <span>

#include "base/result.h"
#include "base/time.h"
#include "base/unique_fd.h"

namespace reeve {

class Poller {
 public:
  [[nodiscard]] static Result<Poller> open();

  void watch(int fd, bool writable_too = false) noexcept;  // again: changes what is watched
  void forget(int fd) noexcept;

  struct Ready {
    int fd = -1;
    bool readable = false, writable = false;
  };
  // Until something is ready or `until` has come (nullopt: no deadline).
  [[nodiscard]] std::span<const Ready> wait(std::optional<Instant> until) noexcept;
  // What is ready now.
  [[nodiscard]] std::span<const Ready> look() noexcept { return collect(0); }

 private:
  explicit Poller(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  [[nodiscard]] std::span<const Ready> collect(int timeout) noexcept;

  UniqueFd fd_;
  std::array<Ready, 8> ready_{};
};

}  // namespace reeve
