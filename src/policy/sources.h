// Sources: who visited one service, as far as its limits need to remember.
//
// A bounded table from source prefixes to what is known about each, used by the ledger alone. A source that
// has a running instance is kept; one without is kept for a while and forgotten when its place is needed, the
// one that was idle longest first. Indices are stable while a source is kept. A trie finds the sources, so
// nobody can choose addresses that collide.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/prefix_trie.h"
#include "base/time.h"
#include "policy/rate.h"

namespace reeve {

class Sources {
 public:
  using Index = std::uint32_t;
  static constexpr Index kNone = UINT32_MAX;

  struct Source {
    Prefix prefix;
    std::uint32_t running = 0;
    Instant last_visit = Instant::min();
    Instant penalty_until = Instant::min();
    RecentVisits visits;
    SourceBudget budget;
  };

  explicit Sources(std::uint32_t capacity) : capacity_(capacity) {}

  [[nodiscard]] Index find(const Prefix& prefix) const noexcept { return by_prefix_.find(prefix).value_or(kNone); }
  // Finds it or makes room for it; kNone when everybody known has a running instance. Forgets some of those
  // that nobody needs to remember at `now`.
  [[nodiscard]] Index find_or_add(const Prefix& prefix, Instant now);
  [[nodiscard]] const Source& operator[](Index index) const noexcept { return cells_[index].source; }

  // A visit was admitted.
  void note_visit(Index index, Instant now);
  void book(Index index, std::uint32_t visits, std::chrono::nanoseconds interval, Instant now) noexcept {
    cells_[index].source.budget.book(visits, interval, now);
  }
  void punish(Index index, Instant until) noexcept { cells_[index].source.penalty_until = until; }
  void begin_instance(Index index);
  void end_instance(Index index);

  // How many sources had a visit admitted within the last second.
  [[nodiscard]] std::uint32_t active(Instant now) {
    age(now);
    return active_.size;
  }
  [[nodiscard]] bool is_active(Index index, Instant now) {
    age(now);
    return cells_[index].active.in;
  }
  [[nodiscard]] std::size_t size() const noexcept { return by_prefix_.size(); }

 private:
  // A place in a list that runs from old to new.
  struct Link {
    Index older = kNone, newer = kNone;
    bool in = false;
  };
  struct Cell {
    Source source;
    Link idle;    // without running instances, by when the last one ended
    Link active;  // visited within the last second, by last visit
  };
  // A list through the cells, by one of their links.
  struct List {
    Link Cell::*link;
    Index oldest = kNone, newest = kNone;
    std::uint32_t size = 0;
  };

  void age(Instant now);
  void append(List& list, Index index);
  void remove(List& list, Index index);
  void forget(Index index);

  std::uint32_t capacity_;
  PrefixTrie by_prefix_;
  std::vector<Cell> cells_;
  std::vector<Index> free_;
  List idle_{&Cell::idle};
  List active_{&Cell::active};
};

}  // namespace reeve
