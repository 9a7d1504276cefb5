#include "policy/offenders.h"

#include <algorithm>

#include "base/check.h"

namespace reeve {

Offenders::Offenders(std::size_t capacity) : capacity_(capacity) {
  REEVE_CHECK(capacity > 0 && capacity < UINT32_MAX);
}

void Offenders::remember(const Prefix& prefix, std::uint32_t times, Instant ended, Instant now) {
  if (times == 0 || now - ended >= memory_) return;
  sweep(now);
  if (const auto known = by_prefix_.find(prefix)) {
    Cell& cell = cells_[*known];
    heap_.remove(cells_, *known);
    cell.times = std::max(cell.times, times);
    cell.ended = std::max(cell.ended, ended);
    heap_.push(cells_, *known);
    return;
  }
  const Cell cell{.prefix = prefix, .times = times, .ended = ended};
  if (by_prefix_.size() >= capacity_) {
    if (cell.goes_before(cells_[heap_.front()])) return;  // it would be the one to go
    remove(heap_.front());
  }
  Index index = static_cast<Index>(cells_.size());
  if (free_.empty()) {
    cells_.push_back(cell);
  } else {
    index = free_.back();
    free_.pop_back();
    cells_[index] = cell;
  }
  by_prefix_.insert(prefix, index);
  heap_.push(cells_, index);
}

std::uint32_t Offenders::times(const Prefix& prefix, Instant now) const noexcept {
  const auto known = by_prefix_.find(prefix);
  return known && !is_past(cells_[*known], now) ? cells_[*known].times : 0;
}

void Offenders::forget(const Prefix& prefix) {
  if (const auto known = by_prefix_.find(prefix)) remove(*known);
}

void Offenders::remove(Index index) {
  heap_.remove(cells_, index);
  by_prefix_.erase(cells_[index].prefix);
  cells_[index].times = 0;
  free_.push_back(index);
}

void Offenders::sweep(Instant now) {
  for (int each = 0; each < 2 && !cells_.empty(); ++each) {
    hand_ = hand_ + 1 < cells_.size() ? hand_ + 1 : 0;
    if (cells_[hand_].times != 0 && is_past(cells_[hand_], now)) remove(static_cast<Index>(hand_));
  }
}

}  // namespace reeve
