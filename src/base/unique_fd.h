// UniqueFd: the one owner of a descriptor. Move-only; closes at the end. Every descriptor of reeve
// is close-on-exec at birth and lives in one of these.
#pragma once

#include <utility>

namespace reeve {

class UniqueFd {
 public:
  UniqueFd() noexcept = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
  // Closes what is held, then holds `fd` (-1: nothing).
  void reset(int fd = -1) noexcept;

 private:
  int fd_ = -1;
};

}  // namespace reeve
