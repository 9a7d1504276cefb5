// The cells a PrefixTrie is made of: keys, entries, nodes, and the arrays they live in.
//
// Used by prefix_trie.cc alone, which says how they hang together. Everything is referred to by index, so a
// million prefixes are a handful of arrays.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/check.h"

namespace reeve::trie {

__extension__ using Key = unsigned __int128;  // an address as a number: prefixes are compared by one shift

constexpr unsigned kStride = 6;
constexpr unsigned kKeyBits = 128;
constexpr std::uint8_t kFree = 0xff;  // Entry::bits of an unused entry

// What a slot holds: nothing, an entry (tagged), or a node.
using Ref = std::uint32_t;
constexpr Ref kNothing = UINT32_MAX;
constexpr Ref kEntryTag = 1u << 31;

constexpr bool is_entry(Ref ref) noexcept {
  return (ref & kEntryTag) != 0;
}

constexpr std::uint64_t low_half(Key key) noexcept {
  return static_cast<std::uint64_t>(key);
}
constexpr std::uint64_t high_half(Key key) noexcept {
  return static_cast<std::uint64_t>(key >> 64);
}

inline std::uint64_t from_network(std::uint64_t value) noexcept {
  return std::endian::native == std::endian::little ? std::byteswap(value) : value;
}

inline Key key_of(const Address& address) noexcept {
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(address.bytes());
  return Key{from_network(halves[0])} << 64 | from_network(halves[1]);
}

inline Address address_of(Key key) noexcept {
  const std::array<std::uint64_t, 2> halves = {from_network(high_half(key)), from_network(low_half(key))};
  return Address(std::bit_cast<std::array<std::uint8_t, 16>>(halves));
}

// kMasks[n] has the first n bits set.
constexpr std::array<Key, kKeyBits + 1> kMasks = [] {
  std::array<Key, kKeyBits + 1> masks{};
  for (unsigned bits = 1; bits <= kKeyBits; ++bits) masks[bits] = ~Key{0} << (kKeyBits - bits);
  return masks;
}();

// Do the first `bits` bits differ?
inline bool differs(Key a, Key b, unsigned bits) noexcept {
  return ((a ^ b) & kMasks[bits]) != 0;
}

// The first `bits` bits, zeros behind them.
inline Key beginning(Key key, unsigned bits) noexcept {
  return key & kMasks[bits];
}

// IPv4 is ::ffff:0:0/96.
constexpr unsigned kMappedBits = 96;
constexpr Key kMapped = Key{0xffff} << 32;
inline bool is_v4(Key key) noexcept {
  return key >> 32 == 0xffff;
}

inline unsigned common_bits(Key a, Key b) noexcept {
  const Key difference = a ^ b;
  const std::uint64_t high = high_half(difference);
  return static_cast<unsigned>(high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(low_half(difference)));
}

// The six bits of `key` from `level` on; zeros behind its end.
inline unsigned chunk_of(Key key, unsigned level) noexcept {
  const Key shifted = level <= kKeyBits - kStride ? key >> (kKeyBits - kStride - level) : key << (level - (kKeyBits - kStride));
  return static_cast<unsigned>(shifted) & 63;
}

// The other way round.
inline Key chunk_at(unsigned chunk, unsigned level) noexcept {
  constexpr unsigned kLast = kKeyBits - kStride;
  return level <= kLast ? Key{chunk} << (kLast - level) : Key{chunk} >> (level - kLast);
}

// Prefixes of length 0..5 within a node are numbered shorter before longer: length l begins at 2^l - 1.
inline unsigned inner_index(unsigned chunk, unsigned length) noexcept {
  return (1u << length) - 1 + (chunk >> (kStride - length));
}

// For each chunk the numbers of the six prefixes that contain it.
constexpr std::array<std::uint64_t, 64> kContaining = [] {
  std::array<std::uint64_t, 64> masks{};
  for (unsigned chunk = 0; chunk < 64; ++chunk) {
    for (unsigned length = 0; length < kStride; ++length) masks[chunk] |= 1ull << ((1u << length) - 1 + (chunk >> (kStride - length)));
  }
  return masks;
}();

constexpr std::uint64_t bit(unsigned index) noexcept {
  return 1ull << index;
}

constexpr unsigned ones(std::uint64_t bits) noexcept {
#ifdef __POPCNT__
  return static_cast<unsigned>(std::popcount(bits));
#else
  // Without the instruction std::popcount is a call of a function with a table.
  bits -= bits >> 1 & 0x5555555555555555;
  bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
  bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
  return static_cast<unsigned>(bits * 0x0101010101010101 >> 56);
#endif
}
// How many of the bits below `index` are set.
constexpr unsigned rank(std::uint64_t bits, unsigned index) noexcept {
  return ones(bits & (bit(index) - 1));
}

// Blocks of 1..127 references out of one array. Sizes grow by about a third, so little is wasted and
// adding one by one moves each reference a few times only.
class Blocks {
 public:
  static constexpr std::array<std::uint8_t, 15> kSizes = {2, 3, 4, 5, 6, 8, 11, 14, 19, 25, 33, 44, 59, 79, 127};

  [[nodiscard]] static std::size_t class_of(unsigned count) noexcept {
    return static_cast<std::size_t>(std::ranges::lower_bound(kSizes, count) - kSizes.begin());
  }

  std::uint32_t take(std::size_t size_class) {
    if (free_[size_class] != kNothing) return std::exchange(free_[size_class], refs_[free_[size_class]]);
    const auto block = static_cast<std::uint32_t>(refs_.size());
    refs_.resize(refs_.size() + kSizes[size_class], kNothing);
    return block;
  }
  void give_back(std::uint32_t block, std::size_t size_class) noexcept { refs_[block] = std::exchange(free_[size_class], block); }

  [[nodiscard]] Ref* at(std::uint32_t block) noexcept { return refs_.data() + block; }
  [[nodiscard]] const Ref* at(std::uint32_t block) const noexcept { return refs_.data() + block; }

 private:
  std::vector<Ref> refs_;
  std::array<std::uint32_t, kSizes.size()> free_ = [] {
    std::array<std::uint32_t, kSizes.size()> none;
    none.fill(kNothing);
    return none;
  }();
};

// Elements of one type that keep their index while they live.
template <class Element>
class Pool {
 public:
  std::uint32_t take() {
    if (!free_.empty()) {
      const std::uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    REEVE_CHECK(elements_.size() < kEntryTag - 1);
    elements_.emplace_back();
    return static_cast<std::uint32_t>(elements_.size() - 1);
  }
  void give_back(std::uint32_t index) { free_.push_back(index); }

  Element& operator[](std::uint32_t index) noexcept { return elements_[index]; }
  const Element& operator[](std::uint32_t index) const noexcept { return elements_[index]; }
  [[nodiscard]] const std::vector<Element>& elements() const noexcept { return elements_; }
  [[nodiscard]] std::size_t living() const noexcept { return elements_.size() - free_.size(); }

 private:
  std::vector<Element> elements_;
  std::vector<std::uint32_t> free_;
};

struct Entry {
  std::uint64_t high = 0, low = 0;  // halves of the key: a Key would align the Entry to 32 bytes
  std::uint32_t value = 0;
  std::uint8_t bits = kFree;

  [[nodiscard]] Key key() const noexcept { return Key{high} << 64 | low; }
  [[nodiscard]] Prefix prefix() const noexcept { return {address_of(key()), bits}; }
};

struct Node {
  Key key = 0;              // the first `level` bits, zeros behind them
  std::uint64_t outer = 0;  // which chunks have something below: references to entries or nodes, the block's front
  std::uint64_t inner = 0;  // which prefixes end here: references to entries, behind them
  std::uint32_t block = 0;
  std::uint8_t level = 0;  // a multiple of kStride

  [[nodiscard]] unsigned outer_count() const noexcept { return ones(outer); }
  [[nodiscard]] unsigned count() const noexcept { return outer_count() + ones(inner); }
  [[nodiscard]] unsigned outer_position(unsigned chunk) const noexcept { return rank(outer, chunk); }
  [[nodiscard]] unsigned inner_position(unsigned index) const noexcept { return outer_count() + rank(inner, index); }
};

}  // namespace reeve::trie
