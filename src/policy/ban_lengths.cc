#include "policy/ban_lengths.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>

#include "base/check.h"

namespace reeve {
namespace {

constexpr unsigned kFewPlaceBits = 16, kManyPlaceBits = 20;

std::uint64_t first_of_half(std::uint64_t half, unsigned bits) noexcept {
  return bits == 0 ? 0 : bits >= 64 ? half : half & ~std::uint64_t{0} << (64 - bits);
}

}  // namespace

BanKey BanKey::of(const Address& address) noexcept {
  BanKey key;
  std::memcpy(&key.high, address.bytes().data(), 8);
  std::memcpy(&key.low, address.bytes().data() + 8, 8);
  if constexpr (std::endian::native == std::endian::little) return {__builtin_bswap64(key.high), __builtin_bswap64(key.low)};
  return key;
}

BanKey BanKey::first(unsigned bits) const noexcept {
  return {first_of_half(high, bits), bits > 64 ? first_of_half(low, bits - 64) : 0};
}

void BanLengths::add(const BanKey& key, unsigned bits) {
  ++size_;
  if (counts_[bits]++ == 0) {
    const auto length = static_cast<std::uint8_t>(bits);
    in_use_.insert(std::ranges::lower_bound(in_use_, length, std::greater<>()), length);
  }
  mark(key, bits);
}

void BanLengths::remove(unsigned bits) {
  REEVE_CHECK(counts_[bits] != 0);
  --size_;
  if (--counts_[bits] == 0) std::erase(in_use_, static_cast<std::uint8_t>(bits));
  if (map_.empty()) return;
  ++gone_;
  if (size_ == 0) std::vector<std::uint32_t>().swap(map_);
}

bool BanLengths::is_due() const noexcept {
  if (map_.empty()) return in_use_.size() > kFew;
  // Filling looks at each that is there and at each place: as many went before.
  return gone_ > size_ + map_.size() || (size_ > kMany && place_bits_ == kFewPlaceBits);
}

void BanLengths::clear_map() {
  place_bits_ = size_ > kMany ? kManyPlaceBits : kFewPlaceBits;
  std::vector<std::uint32_t>(std::size_t{1} << place_bits_).swap(map_);
  gone_ = 0;
}

std::size_t BanLengths::place(const BanKey& key) const noexcept {
  if (is_v4_) return (key.low & 0xffff'ffff) >> (32 - place_bits_);
  return ((key.high >> 32) * 0x9e3779b97f4a7c15) >> (64 - place_bits_);  // Fibonacci hashing (Knuth, TAOCP 6.4)
}

void BanLengths::mark(const BanKey& key, unsigned bits) noexcept {
  if (map_.empty() || bits < least_ || key.is_v4() != is_v4_) return;
  // An IPv4 prefix may be around many fronts.
  const unsigned front = 96 + place_bits_;
  const std::size_t first = place(key), many = is_v4_ && bits < front ? std::size_t{1} << (front - bits) : 1;
  for (std::size_t each = first; each < first + many; ++each) map_[each] |= bit_of(bits);
}

}  // namespace reeve
