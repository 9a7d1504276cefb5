// DeadlineWheel: many deadlines in whole seconds, most of which never come.
//
// Used by the loop for waits on descriptors: setting and clearing one is a list insertion and removal.
// An entry is found at most a second after its deadline, never before. Entries are not owned and unlink
// themselves before they die.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace reeve {

class DeadlineWheel {
 public:
  struct Entry {
    Instant deadline;

   private:
    friend class DeadlineWheel;
    bool linked = false;
    Entry* previous = nullptr;
    Entry* next = nullptr;
  };

  void link(Entry& entry, Instant deadline, Instant now) noexcept {
    unlink(entry);
    entry.deadline = deadline;
    Entry*& head = slots_[slot_of(deadline)];
    entry.previous = nullptr;
    entry.next = head;
    if (head != nullptr) head->previous = &entry;
    head = &entry;
    entry.linked = true;
    if (linked_++ == 0) swept_ = second_of(now);
  }

  void unlink(Entry& entry) noexcept {
    if (!entry.linked) return;
    if (entry.previous != nullptr) {
      entry.previous->next = entry.next;
    } else {
      slots_[slot_of(entry.deadline)] = entry.next;
    }
    if (entry.next != nullptr) entry.next->previous = entry.previous;
    entry.linked = false;
    --linked_;
  }

  // When sweep() should be called next; nullopt while there is nothing in it.
  [[nodiscard]] std::optional<Instant> next_tick() const noexcept {
    if (linked_ == 0) return std::nullopt;
    return Instant(std::chrono::seconds(swept_ + 1));
  }

  // Calls `passed` for each entry whose deadline is over, unlinked. It may unlink no other entry.
  template <class Passed>
  void sweep(Instant now, Passed&& passed) {
    const std::int64_t second = second_of(now);
    if (second <= swept_) return;
    std::int64_t from = swept_ + 1;
    if (second - from >= kSlots) from = second - kSlots + 1;
    for (std::int64_t each = from; each <= second; ++each) {
      Entry* entry = slots_[static_cast<std::size_t>(each % kSlots)];
      while (entry != nullptr) {
        Entry* const following = entry->next;
        if (entry->deadline <= now) {
          unlink(*entry);
          passed(*entry);
        }
        entry = following;
      }
    }
    swept_ = second;
  }

 private:
  static constexpr std::int64_t kSlots = 512;

  static std::int64_t second_of(Instant when) noexcept { return std::chrono::floor<std::chrono::seconds>(when.time_since_epoch()).count(); }
  // Rounded up: a slot is looked at when its second has begun, and then all of it is over.
  static std::size_t slot_of(Instant when) noexcept {
    return static_cast<std::size_t>(std::chrono::ceil<std::chrono::seconds>(when.time_since_epoch()).count() % kSlots);
  }

  std::array<Entry*, kSlots> slots_{};
  std::size_t linked_ = 0;
  std::int64_t swept_ = 0;  // the second up to which slots were looked at
};

}  // namespace reeve
