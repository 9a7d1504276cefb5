#include "policy/ban_index.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace reeve {
namespace {

// Both halves of the product of 64 bits by 64: each bit of either factor reaches the result.
std::uint64_t folded(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

bool holds_all_of_v4(const Prefix& prefix) noexcept {
  return !prefix.is_v4() && prefix.contains(Address::v4(0));
}

}  // namespace

std::size_t BanIndex::home(const Table& table, const BanKey& key) const noexcept {
  // Odd constants of well mixed bits (of the fractions of the square roots of 2, 3 and 5); the seed goes into both factors.
  const std::uint64_t first = folded(key.high ^ 0x6a09e667f3bcc909 ^ seed_, key.low ^ 0xbb67ae8584caa73b ^ std::rotl(seed_, 32));
  return folded(first, 0x3c6ef372fe94f82b ^ seed_) & (table.slots.size() - 1);
}

std::size_t BanIndex::place_from(const Table& table, const BanKey& key, std::size_t at) noexcept {
  const std::size_t mask = table.slots.size() - 1;
  while (table.slots[at].used && table.slots[at].key != key) at = (at + 1) & mask;
  return at;
}

std::size_t BanIndex::place(const Table& table, const BanKey& key) const noexcept {
  return place_from(table, key, home(table, key));
}

void BanIndex::grow(Table& table) {
  std::vector<Slot> old(std::max<std::size_t>(8, table.slots.size() * 2));
  std::swap(old, table.slots);
  for (const Slot& slot : old) {
    if (slot.used) table.slots[place(table, slot.key)] = slot;
  }
}

void BanIndex::fill_map(BanLengths& lengths) {
  lengths.clear_map();
  for (const unsigned bits : lengths.in_use()) {
    for (const Slot& slot : tables_[bits].slots) {
      if (slot.used) lengths.mark(slot.key, bits);
    }
  }
}

void BanIndex::insert(const Prefix& prefix, std::uint32_t number, Instant end) {
  Table& table = tables_[prefix.bits];
  if (5 * table.slots.size() < 8 * (table.used + 1)) grow(table);
  const BanKey key = BanKey::of(prefix.address);
  Slot& slot = table.slots[place(table, key)];
  REEVE_CHECK(!slot.used);
  slot = {key, end, number, true};
  ++table.used;
  ++size_;
  BanLengths& lengths = prefix.is_v4() ? v4_ : v6_;
  lengths.add(key, prefix.bits);
  if (lengths.is_due()) fill_map(lengths);
  if (holds_all_of_v4(prefix)) v4_.add(key, prefix.bits);
}

void BanIndex::set_end(const Prefix& prefix, Instant end) noexcept {
  Table& table = tables_[prefix.bits];
  table.slots[place(table, BanKey::of(prefix.address))].end = end;
}

bool BanIndex::erase(const Prefix& prefix) {
  Table& table = tables_[prefix.bits];
  if (table.used == 0) return false;
  std::vector<Slot>& slots = table.slots;
  std::size_t hole = place(table, BanKey::of(prefix.address));
  if (!slots[hole].used) return false;
  --table.used;
  --size_;
  (prefix.is_v4() ? v4_ : v6_).remove(prefix.bits);
  if (holds_all_of_v4(prefix)) v4_.remove(prefix.bits);
  const std::size_t mask = slots.size() - 1;
  // What stands behind it and may stand here moves up, so that no way to a slot has a gap.
  for (std::size_t at = (hole + 1) & mask; slots[at].used; at = (at + 1) & mask) {
    if (((at - home(table, slots[at].key)) & mask) < ((at - hole) & mask)) continue;
    slots[hole] = slots[at];
    hole = at;
  }
  slots[hole] = Slot();
  if (table.used == 0) std::vector<Slot>().swap(slots);
  return true;
}

std::optional<std::uint32_t> BanIndex::find(const Prefix& prefix) const noexcept {
  const Table& table = tables_[prefix.bits];
  if (table.used == 0) return std::nullopt;
  const Slot& slot = table.slots[place(table, BanKey::of(prefix.address))];
  return slot.used ? std::optional(slot.number) : std::nullopt;
}

std::optional<std::uint32_t> BanIndex::holding(const Address& source, Instant now) const noexcept {
  std::array<std::uint8_t, BanLengths::kLongest + 1> looks;  // these lengths; filled as far as it is read
  std::array<std::size_t, BanLengths::kLongest + 1> homes;
  std::size_t many = 0;
  const BanLengths& lengths = source.is_v4() ? v4_ : v6_;
  const BanKey key = BanKey::of(source);
  const std::uint32_t marks = lengths.marks(key);
  for (const std::uint8_t bits : lengths.in_use()) {
    if (!lengths.is_worth(bits, marks)) continue;
    looks[many] = bits;
    homes[many] = home(tables_[bits], key.first(bits));
    __builtin_prefetch(&tables_[bits].slots[homes[many++]]);
  }
  for (std::size_t each = 0; each < many; ++each) {
    const Table& table = tables_[looks[each]];
    const Slot& slot = table.slots[place_from(table, key.first(looks[each]), homes[each])];
    if (slot.used && slot.end > now) return slot.number;
  }
  return std::nullopt;
}

}  // namespace reeve
