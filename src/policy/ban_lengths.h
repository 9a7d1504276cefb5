// BanLengths: which lengths of prefixes are worth a look for an address. BanIndex has one for each family.
//
// Few lengths are simply all looked at. Above kFew of them (lists of others have two dozen) it keeps a map: for each front (the
// first 16 bits of an IPv4 address, a hash of the first 32 of an IPv6 address) a bit for each length that a prefix has in there or
// around it. The map never says too little. It says too much of prefixes that went (BanIndex fills it anew when is_due()),
// of IPv6 fronts that share a place, and of lengths that share a bit; that costs a needless look. 256 KiB, with more
// than kMany prefixes 4 MiB (and 20 bits), and only where it is used.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"

namespace reeve {

// An address in host byte order.
struct BanKey {
  std::uint64_t high = 0, low = 0;

  friend bool operator==(const BanKey&, const BanKey&) = default;
  [[nodiscard]] static BanKey of(const Address& address) noexcept;
  [[nodiscard]] bool is_v4() const noexcept { return high == 0 && low >> 32 == 0xffff; }
  // Its first `bits` (0 to 128), zeros behind them.
  [[nodiscard]] BanKey first(unsigned bits) const noexcept;
};

class BanLengths {
 public:
  static constexpr std::size_t kFew = 4, kMany = 250'000;
  static constexpr unsigned kLongest = 128;

  explicit BanLengths(bool is_v4) noexcept : is_v4_(is_v4), least_(is_v4 ? 97 : 32) {}

  // There is one prefix more, or less, that can hold for addresses of the family. `bits`: 0 to 128, of the IPv6 form.
  void add(const BanKey& key, unsigned bits);
  void remove(unsigned bits);

  // Is the map to be filled? For BanIndex, which knows all prefixes: clear_map(), then mark() for each.
  [[nodiscard]] bool is_due() const noexcept;
  void clear_map();
  void mark(const BanKey& key, unsigned bits) noexcept;

  // The longest first.
  [[nodiscard]] std::span<const std::uint8_t> in_use() const noexcept { return in_use_; }
  // What the map says around an address, for is_worth().
  [[nodiscard]] std::uint32_t marks(const BanKey& source) const noexcept { return map_.empty() ? ~std::uint32_t{0} : map_[place(source)]; }
  [[nodiscard]] bool is_worth(unsigned bits, std::uint32_t marks) const noexcept { return (marks & bit_of(bits)) != 0 || bits < least_; }

 private:
  [[nodiscard]] static std::uint32_t bit_of(unsigned bits) noexcept { return std::uint32_t{1} << bits % 32; }
  [[nodiscard]] std::size_t place(const BanKey& key) const noexcept;

  bool is_v4_;
  unsigned least_;  // shorter ones are not in the map
  std::array<std::uint32_t, kLongest + 1> counts_{};
  std::vector<std::uint8_t> in_use_;
  std::size_t size_ = 0, gone_ = 0;  // prefixes; those that went since the map was filled
  unsigned place_bits_ = 0;
  std::vector<std::uint32_t> map_;  // empty, or a word for each place
};

}  // namespace reeve
