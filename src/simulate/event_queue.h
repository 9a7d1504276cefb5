// EventQueue: what happens next in virtual time, from the clock's zero up to an end that is known.
//
// The time is cut into slices. Events of later slices lie about unsorted, those of the present one are a heap small enough for
// the processor's cache: a million sources keep a million events waiting, and one heap of them all took most of the time.
// Events at the same moment come in the order of their kinds, then numbers, so the order never depends on how they were put in.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "base/time.h"

namespace reeve {

class EventQueue {
 public:
  struct Event {
    Instant at;
    std::uint32_t key = 0;  // see visit_ends() and agent_comes()

    [[nodiscard]] bool is_end() const noexcept { return (key & kComes) == 0; }
    [[nodiscard]] std::uint32_t number() const noexcept { return key & ~kComes; }
    friend bool operator>(const Event& a, const Event& b) noexcept { return a.at != b.at ? a.at > b.at : a.key > b.key; }
  };

  // Numbers are below 2^31. What ends makes room before somebody comes.
  [[nodiscard]] static Event visit_ends(std::uint32_t visit, Instant at) noexcept { return {at, visit}; }
  [[nodiscard]] static Event agent_comes(std::uint32_t agent, Instant at) noexcept { return {at, agent | kComes}; }

  // Events at `end` or later are not taken. `end` is behind zero.
  explicit EventQueue(Instant end) : end_(end), width_(end.time_since_epoch() / kSlices + std::chrono::nanoseconds(1)), slices_(kSlices) {}

  // Not before the last event that was taken out.
  void push(Event event) {
    if (event.at >= end_) return;
    const auto slice = static_cast<std::size_t>(event.at.time_since_epoch() / width_);
    if (slice > present_) return slices_[slice].push_back(event);
    heap_.push_back(event);
    std::push_heap(heap_.begin(), heap_.end(), std::greater{});
  }
  // Takes the next one out; false when there is none.
  [[nodiscard]] bool pop(Event& event) {
    while (heap_.empty()) {
      if (present_ + 1 >= slices_.size()) return false;
      // What it took is given back: only what waits takes memory.
      heap_ = std::exchange(slices_[++present_], {});
      std::make_heap(heap_.begin(), heap_.end(), std::greater{});
    }
    std::pop_heap(heap_.begin(), heap_.end(), std::greater{});
    event = heap_.back();
    heap_.pop_back();
    return true;
  }

 private:
  static constexpr std::uint32_t kComes = 1u << 31;
  static constexpr std::size_t kSlices = 8192;

  Instant end_;
  std::chrono::nanoseconds width_;
  std::size_t present_ = 0;
  std::vector<Event> heap_;
  std::vector<std::vector<Event>> slices_;
};

}  // namespace reeve
