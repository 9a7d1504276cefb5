// PlacedHeap: which of many cells comes first, when their order changes all the time.
//
// A binary heap of indices into a vector that its owner holds. Each cell knows where it stands in the heap, so any of them
// can be taken out. Used by tables that are bounded: the cell that comes first is the one to go (policy/ban_table.h,
// policy/offenders.h, policy/penalty_ledger.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace reeve {

// A Cell has `std::uint32_t place`, kNoPlace while it is not in the heap, and `bool goes_before(const Cell&) const`.
template <class Cell>
class PlacedHeap {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNoPlace = UINT32_MAX;

  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }
  [[nodiscard]] Index front() const noexcept { return heap_.front(); }
  void clear() noexcept { heap_.clear(); }

  void push(std::vector<Cell>& cells, Index index) {
    heap_.push_back(index);
    rise(cells, heap_.size() - 1);
  }
  // Nothing happens when it is not in it.
  void remove(std::vector<Cell>& cells, Index index) noexcept {
    const std::size_t place = cells[index].place;
    if (place == kNoPlace) return;
    cells[index].place = kNoPlace;
    const Index last = heap_.back();
    heap_.pop_back();
    if (last == index) return;
    put(cells, place, last);
    rise(cells, place);
    sink(cells, cells[last].place);
  }

 private:
  void put(std::vector<Cell>& cells, std::size_t place, Index index) noexcept {
    heap_[place] = index;
    cells[index].place = static_cast<Index>(place);
  }
  void rise(std::vector<Cell>& cells, std::size_t place) noexcept {
    const Index index = heap_[place];
    for (; place > 0 && cells[index].goes_before(cells[heap_[(place - 1) / 2]]); place = (place - 1) / 2)
      put(cells, place, heap_[(place - 1) / 2]);
    put(cells, place, index);
  }
  void sink(std::vector<Cell>& cells, std::size_t place) noexcept {
    const Index index = heap_[place];
    for (std::size_t below = 2 * place + 1; below < heap_.size(); below = 2 * place + 1) {
      if (below + 1 < heap_.size() && cells[heap_[below + 1]].goes_before(cells[heap_[below]])) ++below;
      if (!cells[heap_[below]].goes_before(cells[index])) break;
      put(cells, place, heap_[below]);
      place = below;
    }
    put(cells, place, index);
  }

  std::vector<Index> heap_;
};

}  // namespace reeve
