// BanIndex: from an address to the ban that holds for it. BanTable asks it for every visit.
//
// A flood's sources are new each time, so a decision finds nothing in the caches: what counts is how many places in memory it
// looks at. A slot of a hash table says all that a decision needs, so it is one place for each length of prefix that is in use
// for the source's family, and in practice there are one or two. Where there are more than kMostLengths (imported lists),
// a PrefixTrie is asked, whose look-ups don't care. Numbers of bans (below 2^32 - 1) are the caller's and are dense.
//
// The table doubles when five eighths are in use; that takes some 50 ns for each ban it holds. `seed` makes its order unknown to those who
// choose addresses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/prefix_trie.h"
#include "base/time.h"

namespace reeve {

class BanIndex {
 public:
  static constexpr std::size_t kMostLengths = 4;

  explicit BanIndex(std::uint64_t seed = 0) noexcept : seed_(seed) {}

  // `prefix`, which is not there, ends at `end`.
  void insert(const Prefix& prefix, std::uint32_t number, Instant end);
  // Of one that is there.
  void set_end(const Prefix& prefix, Instant end) noexcept;
  // True when it was there.
  bool erase(const Prefix& prefix);

  // The ban of exactly this prefix, whether it has ended or not.
  [[nodiscard]] std::optional<std::uint32_t> find(const Prefix& prefix) const noexcept;
  // The ban with the longest prefix that holds for `source` at `now`. One that has ended and was not erased yet does not hide the
  // one around it.
  [[nodiscard]] std::optional<std::uint32_t> holding(const Address& source, Instant now) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return by_length_.size(); }

 private:
  // Two of them in a cache line.
  struct Slot {
    std::uint64_t high = 0, low = 0;  // of the address
    Instant end{};
    std::uint32_t number = 0;
    std::uint8_t bits = 0;
    bool used = false;
  };
  static_assert(sizeof(Slot) == 32);
  // How many prefixes there are of each length that can hold for a family, and which lengths these are, the longest first.
  struct Lengths {
    std::array<std::uint32_t, 129> count{};
    std::vector<std::uint8_t> present;

    void add(unsigned bits);
    void remove(unsigned bits);
  };

  [[nodiscard]] std::size_t home(std::uint64_t high, std::uint64_t low, unsigned bits) const noexcept;
  // Where it is, or the free slot where it would be.
  [[nodiscard]] std::size_t place(std::uint64_t high, std::uint64_t low, unsigned bits) const noexcept;
  void grow();
  void count(const Prefix& prefix, bool more);

  std::uint64_t seed_;
  std::vector<Slot> slots_;    // a power of two
  std::vector<Instant> ends_;  // by number, for the trie's matches
  Lengths v4_, v6_;
  PrefixTrie by_length_;
};

}  // namespace reeve
