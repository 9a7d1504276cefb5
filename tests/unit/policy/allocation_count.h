// AllocationCount: how often `new` was called since it was made. Replaces the global operator new of the
// test program that links allocation_count.cc.
#pragma once

#include <cstddef>

namespace reeve {

class AllocationCount {
 public:
  AllocationCount() noexcept;
  [[nodiscard]] std::size_t get() const noexcept;

 private:
  std::size_t begin_;
};

}  // namespace reeve
