// Offenders: who was banned before and is not now, and how often. The ban table alone uses it: the next ban of the same
// prefix may be longer (ban_growth).
//
// Who was not banned again for `memory` (ban_memory) is forgotten. Pure; at a restart it is filled from the store.
//
// Bound: kDefaultCapacity prefixes, 64 bytes each beside the trie. At the bound whoever was banned the fewest times goes, of
// those the one whose ban ended first: many strangers who come once push out none who came again and again.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/prefix_trie.h"
#include "base/time.h"
#include "policy/placed_heap.h"

namespace reeve {

class Offenders {
 public:
  static constexpr std::size_t kDefaultCapacity = 200'000;

  explicit Offenders(std::size_t capacity = kDefaultCapacity);

  void set_memory(std::chrono::nanoseconds memory) noexcept { memory_ = memory; }

  // A ban of `prefix` ended, its `times`-th. Of two that are told the later one holds, and the greater number.
  void remember(const Prefix& prefix, std::uint32_t times, Instant ended, Instant now);
  // How many bans of exactly this prefix ended lately; 0: none that is remembered.
  [[nodiscard]] std::uint32_t times(const Prefix& prefix, Instant now) const noexcept;
  void forget(const Prefix& prefix);

  [[nodiscard]] std::size_t size() const noexcept { return by_prefix_.size(); }

 private:
  using Index = std::uint32_t;
  struct Cell {
    Prefix prefix;
    std::uint32_t times = 0;  // 0: free
    Index place = PlacedHeap<Cell>::kNoPlace;
    Instant ended;
    [[nodiscard]] bool goes_before(const Cell& other) const noexcept {
      return times != other.times ? times < other.times : ended < other.ended;
    }
  };
  [[nodiscard]] bool is_past(const Cell& cell, Instant now) const noexcept { return now - cell.ended >= memory_; }
  void remove(Index index);
  // Looks at the next few cells, so that what nobody asks for goes, too.
  void sweep(Instant now);

  std::size_t capacity_;
  std::chrono::nanoseconds memory_ = std::chrono::hours(24 * 30);
  PrefixTrie by_prefix_;
  std::vector<Cell> cells_;
  std::vector<Index> free_;
  PlacedHeap<Cell> heap_;  // who goes first stands first
  std::size_t hand_ = 0;   // of sweep()
};

}  // namespace reeve
