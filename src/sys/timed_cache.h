// Timed cache: answers that hold for a while. At the bound the one that was put in first goes. Reads no clock.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <utility>

#include "base/time.h"

namespace reeve {

// Ordered by key: strangers choose keys, and a tree has no collisions that they could choose.
template <class Key, class Value>
class TimedCache {
 public:
  explicit TimedCache(std::size_t capacity) noexcept : capacity_(capacity) {}

  // nullptr: nothing that still holds. Valid until the next call of anything but find.
  [[nodiscard]] const Value* find(const Key& key, Instant now) const {
    const auto found = entries_.find(key);
    return found != entries_.end() && now < found->second.until ? &found->second.value : nullptr;
  }
  void put(const Key& key, Value value, Instant until) {
    if (const auto old = entries_.find(key); old != entries_.end()) {
      order_.erase(old->second.place);
      entries_.erase(old);
    } else if (entries_.size() >= capacity_) {
      entries_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(key);
    entries_.emplace(key, Entry{std::move(value), until, std::prev(order_.end())});
  }
  void clear() noexcept {
    entries_.clear();
    order_.clear();
  }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    Value value;
    Instant until;
    typename std::list<Key>::iterator place;
  };
  std::size_t capacity_;
  std::map<Key, Entry> entries_;
  std::list<Key> order_;  // from old to new
};

}  // namespace reeve
