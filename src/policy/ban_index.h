// BanIndex: from an address to the ban that holds for it. BanTable asks it for every visit.
//
// A flood's sources are new each time, so a decision finds nothing in the caches: what counts is how many places in memory it
// waits for. There is a hash table for each length of prefix, whose slots say all that a decision needs; BanLengths says which of
// them are worth a look, and these are fetched at once. Sensors' bans have one length or two.
// Numbers of bans are the caller's.
//
// A table doubles when five eighths are in use; that takes some 50 ns for each ban it holds. `seed` makes its order unknown to those who
// choose addresses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "policy/ban_lengths.h"

namespace reeve {

class BanIndex {
 public:
  explicit BanIndex(std::uint64_t seed = 0) noexcept : seed_(seed) {}

  // `prefix`, which is not there, ends at `end`.
  void insert(const Prefix& prefix, std::uint32_t number, Instant end);
  // It is there.
  void set_end(const Prefix& prefix, Instant end) noexcept;
  // False: it was not there.
  bool erase(const Prefix& prefix);
  // Exactly this prefix.
  [[nodiscard]] std::optional<std::uint32_t> find(const Prefix& prefix) const noexcept;

  // The longest prefix around `source` that ends after `now`. One that has ended, and was not erased yet, does not hide a shorter
  // one around it.
  [[nodiscard]] std::optional<std::uint32_t> holding(const Address& source, Instant now) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  // Two of them in a cache line.
  struct Slot {
    BanKey key;
    Instant end{};
    std::uint32_t number = 0;
    bool used = false;
  };
  static_assert(sizeof(Slot) == 32);
  struct Table {
    std::vector<Slot> slots;  // none, or a power of two
    std::size_t used = 0;
  };

  [[nodiscard]] std::size_t home(const Table& table, const BanKey& key) const noexcept;
  // Where it is, or the free slot where it would be.
  [[nodiscard]] std::size_t place(const Table& table, const BanKey& key) const noexcept;
  [[nodiscard]] static std::size_t place_from(const Table& table, const BanKey& key, std::size_t at) noexcept;
  void grow(Table& table);
  void fill_map(BanLengths& lengths);

  std::uint64_t seed_;
  std::array<Table, BanLengths::kLongest + 1> tables_;
  BanLengths v4_{true}, v6_{false};  // a prefix around all of IPv4 is in both
  std::size_t size_ = 0;
};

}  // namespace reeve
