// PenaltyLedger: what somebody did that is not wrong enough by itself to shut him out, added up over all services.
//
// After OpenSSH's PerSourcePenalties: each offence adds its score to its source's prefix (the one that would be banned,
// ban_prefix), half of the sum is forgotten after each half-life, and where it reaches the limit there is a sentence: whoever
// asks bans the prefix, and the sum begins anew. Pure: no clock, moments come in. With penalties off nothing is kept and
// nothing is looked up.
//
// Bound: kDefaultCapacity prefixes, 96 bytes each beside the trie. At the bound the prefix whose score is the lowest by now goes. So
// strangers who do one wrong thing each push out each other, and nobody who does more.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/prefix_trie.h"
#include "base/time.h"
#include "config/defence.h"
#include "policy/placed_heap.h"

namespace reeve {

// Why a prefix is to be banned.
struct Sentence {
  std::uint32_t score = 0;
  std::array<std::uint32_t, kOffences> offences{};  // how many of each since the score was last forgotten
  // "penalties 105: refused 20 crash 1"
  [[nodiscard]] std::string reason() const;
};

class PenaltyLedger {
 public:
  static constexpr std::size_t kDefaultCapacity = 65'536;

  explicit PenaltyLedger(std::size_t capacity = kDefaultCapacity);

  // With another half-life all scores begin anew; other terms hold from the next offence on.
  void set_terms(const PenaltyTerms& terms);
  [[nodiscard]] bool is_on() const noexcept { return is_on_; }

  // `source` did it now. A sentence when that was too much: its score is 0 then.
  [[nodiscard]] std::optional<Sentence> note(const Prefix& source, Offence offence, Instant now);

  // As by now; 0 for whom it does not know.
  [[nodiscard]] double score(const Prefix& source, Instant now) const noexcept;
  // What it knows of `source`; nullopt: nothing.
  [[nodiscard]] std::optional<Sentence> account(const Prefix& source, Instant now) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return by_prefix_.size(); }

 private:
  using Index = std::uint32_t;
  // A score that halves at a steady pace is known by the moment at which it is 1: who reaches that first has the lowest.
  struct Cell {
    Prefix prefix;
    Instant one_at;
    std::array<std::uint32_t, kOffences> offences{};
    Index place = PlacedHeap<Cell>::kNoPlace;
    [[nodiscard]] bool goes_before(const Cell& other) const noexcept { return one_at < other.one_at; }
  };
  [[nodiscard]] double score_of(const Cell& cell, Instant now) const noexcept;
  void remove(Index index);
  Index take_cell();

  std::size_t capacity_;
  PenaltyTerms terms_;
  bool is_on_ = false;
  PrefixTrie by_prefix_;  // to indices of cells
  std::vector<Cell> cells_;
  std::vector<Index> free_;
  PlacedHeap<Cell> heap_;  // the lowest score first
};

}  // namespace reeve
