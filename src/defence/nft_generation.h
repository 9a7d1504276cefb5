// NftGeneration: the number that the kernel counts up with each change of the packet filter in our network namespace.
//
// Used by the firewall process: as long as the number is the one that its own last change left, nobody else has changed
// anything, and a table of 100,000 bans need not be read to know that. Elements that end by their timeout do not count.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/unique_fd.h"

namespace reeve {

class NftGeneration {
 public:
  [[nodiscard]] static Result<NftGeneration> open();
  // Asks the kernel, which answers at once.
  [[nodiscard]] Result<std::uint32_t> now();

 private:
  explicit NftGeneration(UniqueFd fd) noexcept : fd_(std::move(fd)) {}
  UniqueFd fd_;
  std::uint32_t sequence_ = 0;
};

}  // namespace reeve
