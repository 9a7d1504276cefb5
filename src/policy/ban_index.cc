#include "policy/ban_index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <functional>
#include <utility>

#include "base/check.h"

namespace reeve {
namespace {

struct Halves {
  std::uint64_t high = 0, low = 0;  // host byte order
};

Halves halves(const Address& address) noexcept {
  Halves both;
  std::memcpy(&both.high, address.bytes().data(), 8);
  std::memcpy(&both.low, address.bytes().data() + 8, 8);
  if constexpr (std::endian::native == std::endian::little) return {__builtin_bswap64(both.high), __builtin_bswap64(both.low)};
  return both;
}

// The first `bits` of 64.
std::uint64_t front(std::uint64_t value, unsigned bits) noexcept {
  return bits == 0 ? 0 : bits >= 64 ? value : value & ~std::uint64_t{0} << (64 - bits);
}

// Both halves of a product depend on all bits of both factors.
std::uint64_t folded(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

void BanIndex::Lengths::add(unsigned bits) {
  if (count[bits]++ != 0) return;
  const auto length = static_cast<std::uint8_t>(bits);
  present.insert(std::ranges::lower_bound(present, length, std::greater<>()), length);
}

void BanIndex::Lengths::remove(unsigned bits) {
  REEVE_CHECK(count[bits] != 0);
  if (--count[bits] == 0) std::erase(present, static_cast<std::uint8_t>(bits));
}

void BanIndex::count(const Prefix& prefix, bool more) {
  const auto in = [&](Lengths& lengths) { more ? lengths.add(prefix.bits) : lengths.remove(prefix.bits); };
  const bool is_v4 = prefix.is_v4();
  if (!is_v4) in(v6_);
  // One around all of IPv4 as well.
  if (is_v4 || prefix.contains(Address::v4(0))) in(v4_);
}

std::size_t BanIndex::home(std::uint64_t high, std::uint64_t low, unsigned bits) const noexcept {
  // Odd constants of well mixed bits (of the fractions of the square roots of 2, 3 and 5); the seed goes into both factors.
  const std::uint64_t first = folded(high ^ 0x6a09e667f3bcc909 ^ seed_, low ^ 0xbb67ae8584caa73b ^ std::rotl(seed_, 32));
  return folded(first ^ bits, 0x3c6ef372fe94f82b ^ seed_) & (slots_.size() - 1);
}

std::size_t BanIndex::place(std::uint64_t high, std::uint64_t low, unsigned bits) const noexcept {
  std::size_t at = home(high, low, bits);
  for (;; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (!slot.used || (slot.low == low && slot.high == high && slot.bits == bits)) return at;
  }
}

void BanIndex::grow() {
  std::vector<Slot> old(std::max<std::size_t>(16, slots_.size() * 2));
  std::swap(old, slots_);
  for (const Slot& slot : old) {
    if (slot.used) slots_[place(slot.high, slot.low, slot.bits)] = slot;
  }
}

void BanIndex::insert(const Prefix& prefix, std::uint32_t number, Instant end) {
  if (5 * slots_.size() < 8 * (size() + 1)) grow();
  REEVE_CHECK(by_length_.insert(prefix, number));
  const auto [high, low] = halves(prefix.address);
  slots_[place(high, low, prefix.bits)] = {high, low, end, number, prefix.bits, true};
  if (ends_.size() <= number) ends_.resize(number + std::size_t{1});
  ends_[number] = end;
  count(prefix, true);
}

void BanIndex::set_end(const Prefix& prefix, Instant end) noexcept {
  const auto [high, low] = halves(prefix.address);
  Slot& slot = slots_[place(high, low, prefix.bits)];
  slot.end = end;
  ends_[slot.number] = end;
}

bool BanIndex::erase(const Prefix& prefix) {
  if (!by_length_.erase(prefix)) return false;
  count(prefix, false);
  const auto [high, low] = halves(prefix.address);
  std::size_t hole = place(high, low, prefix.bits);
  const std::size_t mask = slots_.size() - 1;
  // What stands behind it and may stand here moves up, so that no way to a slot has a gap.
  for (std::size_t at = (hole + 1) & mask; slots_[at].used; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    const std::size_t its_home = home(slot.high, slot.low, slot.bits);
    if (((at - its_home) & mask) < ((at - hole) & mask)) continue;
    slots_[hole] = slot;
    hole = at;
  }
  slots_[hole] = Slot();
  return true;
}

std::optional<std::uint32_t> BanIndex::find(const Prefix& prefix) const noexcept {
  if (slots_.empty()) return std::nullopt;
  const auto [high, low] = halves(prefix.address);
  const Slot& slot = slots_[place(high, low, prefix.bits)];
  return slot.used ? std::optional(slot.number) : std::nullopt;
}

std::optional<std::uint32_t> BanIndex::holding(const Address& source, Instant now) const noexcept {
  const Lengths& lengths = source.is_v4() ? v4_ : v6_;
  if (lengths.present.size() <= kMostLengths) {
    const auto [high, low] = halves(source);
    for (const unsigned bits : lengths.present) {
      const Slot& slot = slots_[place(front(high, bits), bits > 64 ? front(low, bits - 64) : 0, bits)];
      if (slot.used && slot.end > now) return slot.number;
    }
    return std::nullopt;
  }
  auto match = by_length_.longest_match(source);
  while (match && ends_[match->value] <= now) {
    if (match->prefix.bits == 0) return std::nullopt;
    match = by_length_.longest_match(source, match->prefix.bits - 1u);
  }
  return match ? std::optional(match->value) : std::nullopt;
}

}  // namespace reeve
