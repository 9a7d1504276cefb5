// SpareDescriptors: a few places of the descriptor table that visits can't take.
//
// Where strangers can fill the table, what is needed to serve them must still find a place in it: a descriptor that comes
// with a message is lost for good if there is none. They are held while there is room, and given up when the table is
// full and nobody new is let in.
#pragma once

#include <array>
#include <cstddef>

#include "base/unique_fd.h"

namespace reeve {

class SpareDescriptors {
 public:
  static constexpr std::size_t kCount = 4;

  SpareDescriptors() noexcept;

  // As many as there is room for, beside one for who asks. False: not even one.
  [[nodiscard]] bool hold() noexcept;
  void give_up() noexcept;
  // Is `newest`, which was opened just now, the last one that the table has room for? It was: the lowest free number is
  // always the next.
  [[nodiscard]] bool is_last(int newest) const noexcept { return newest >= last_; }

 private:
  std::array<UniqueFd, kCount> held_;
  int last_ = 0;
};

}  // namespace reeve
