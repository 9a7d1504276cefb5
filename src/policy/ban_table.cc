#include "policy/ban_table.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"

namespace reeve {
namespace {

using Index = std::uint32_t;
constexpr Index kNone = UINT32_MAX;
constexpr Instant kForEver = Instant::max();

// A ban as it is kept: a million of them are 104 MB, the reason being most of it.
struct Cell {
  Address address;
  std::uint8_t bits = 128;
  std::array<char, BanTable::kMaxReasonBytes> reason{};  // filled with zeros
  Instant since, until;
  std::uint32_t hits = 1;
  Index place = kNone;  // in the heap; kNone: for ever

  [[nodiscard]] Prefix prefix() const noexcept { return {address, bits}; }
  void set_reason(std::string_view text) noexcept {
    reason.fill(0);
    text.copy(reason.data(), reason.size());
  }
  [[nodiscard]] Ban ban() const {
    return {.prefix = prefix(),
            .since = since,
            .until = until == kForEver ? std::nullopt : std::optional(until),
            .reason = std::string(reason.data(), strnlen(reason.data(), reason.size())),
            .hits = hits};
  }
};

}  // namespace

struct BanTable::Entries {
  explicit Entries(std::size_t bound) : capacity(bound) {}

  std::size_t capacity;
  std::uint64_t evicted = 0;
  PrefixTrie by_prefix;  // to indices of cells
  std::vector<Cell> cells;
  std::vector<Index> free;
  std::vector<Index> heap;  // of the bans that end: each ends no earlier than the one at (place - 1) / 2
  std::vector<Prefix> never;
  PrefixTrie never_trie;

  // The ban with the longest prefix that holds for `source` now. One that has ended and was not removed yet
  // must not hide the one around it.
  [[nodiscard]] const Cell* holding(const Address& source, Instant now) const noexcept {
    auto match = by_prefix.longest_match(source);
    while (match && cells[match->value].until <= now) {
      if (match->prefix.bits == 0) return nullptr;
      match = by_prefix.longest_match(source, match->prefix.bits - 1u);
    }
    return match && !never_trie.longest_match(source) ? &cells[match->value] : nullptr;
  }

  [[nodiscard]] bool is_never(const Prefix& prefix) const noexcept {
    if (never_trie.longest_match(prefix.address, prefix.bits)) return true;
    return prefix.bits < 128 &&
           std::ranges::any_of(never, [&](const Prefix& own) { return own.bits >= prefix.bits && prefix.contains(own.address); });
  }

  // ---- heap
  void put(std::size_t place, Index index) noexcept {
    heap[place] = index;
    cells[index].place = static_cast<Index>(place);
  }
  void rise(std::size_t place) noexcept {
    const Index index = heap[place];
    for (; place > 0 && cells[index].until < cells[heap[(place - 1) / 2]].until; place = (place - 1) / 2) put(place, heap[(place - 1) / 2]);
    put(place, index);
  }
  void sink(std::size_t place) noexcept {
    const Index index = heap[place];
    for (std::size_t below = 2 * place + 1; below < heap.size(); below = 2 * place + 1) {
      if (below + 1 < heap.size() && cells[heap[below + 1]].until < cells[heap[below]].until) ++below;
      if (cells[index].until <= cells[heap[below]].until) break;
      put(place, heap[below]);
      place = below;
    }
    put(place, index);
  }
  void schedule(Index index) {
    if (cells[index].until == kForEver) return;
    heap.push_back(index);
    rise(heap.size() - 1);
  }
  void unschedule(Index index) noexcept {
    const std::size_t place = cells[index].place;
    if (place == kNone) return;
    cells[index].place = kNone;
    const Index last = heap.back();
    heap.pop_back();
    if (last == index) return;
    put(place, last);
    rise(place);
    sink(cells[last].place);
  }

  void remove(Index index) {
    unschedule(index);
    by_prefix.erase(cells[index].prefix());
    cells[index].hits = 0;  // free
    free.push_back(index);
  }

  // Room for one more that ends at `until`.
  bool make_room(Instant until, Instant now) {
    if (by_prefix.size() < capacity) return true;
    if (heap.empty() || cells[heap.front()].until >= until) return false;
    if (cells[heap.front()].until > now) ++evicted;
    remove(heap.front());
    return true;
  }

  Index take_cell() {
    if (!free.empty()) {
      const Index index = free.back();
      free.pop_back();
      return index;
    }
    cells.emplace_back();
    return static_cast<Index>(cells.size() - 1);
  }
};

BanTable::BanTable(std::size_t capacity) : entries_(std::make_unique<Entries>(capacity)) {
  REEVE_CHECK(capacity > 0 && capacity < kNone);
}
BanTable::~BanTable() = default;
BanTable::BanTable(BanTable&&) noexcept = default;
BanTable& BanTable::operator=(BanTable&&) noexcept = default;

BanTable::Outcome BanTable::add(const Prefix& prefix, std::optional<Instant> until, std::string_view reason, Instant now) {
  Entries& entries = *entries_;
  if (entries.is_never(prefix)) return Outcome::never_ban;
  const Instant end = until.value_or(kForEver);

  if (const auto known = entries.by_prefix.find(prefix)) {
    Cell& cell = entries.cells[*known];
    if (cell.until > now) {
      ++cell.hits;
      if (end > cell.until) {  // the reason is that of the ban's end
        cell.set_reason(reason);
        entries.unschedule(*known);
        cell.until = end;
        entries.schedule(*known);
      }
      return Outcome::extended;
    }
    entries.remove(*known);  // it had ended: this is another one
  }
  if (!entries.make_room(end, now)) return Outcome::full;
  const Index index = entries.take_cell();
  Cell& cell = entries.cells[index];
  cell = {.address = prefix.address, .bits = prefix.bits, .since = now, .until = end};
  cell.set_reason(reason);
  entries.by_prefix.insert(prefix, index);
  entries.schedule(index);
  return Outcome::added;
}

bool BanTable::lift(const Prefix& prefix) {
  const auto index = entries_->by_prefix.find(prefix);
  if (!index) return false;
  entries_->remove(*index);
  return true;
}

bool BanTable::is_banned(const Address& source, Instant now) const noexcept {
  return entries_->holding(source, now) != nullptr;
}

std::optional<Ban> BanTable::find(const Address& source, Instant now) const {
  const Cell* cell = entries_->holding(source, now);
  if (cell == nullptr) return std::nullopt;
  return cell->ban();
}

std::optional<Ban> BanTable::get(const Prefix& prefix) const {
  const auto index = entries_->by_prefix.find(prefix);
  return index ? std::optional(entries_->cells[*index].ban()) : std::nullopt;
}

std::vector<Ban> BanTable::expire(Instant now) {
  Entries& entries = *entries_;
  std::vector<Ban> ended;
  while (ended.size() < kMaxExpiredAtOnce && !entries.heap.empty() && entries.cells[entries.heap.front()].until <= now) {
    const Index index = entries.heap.front();
    ended.push_back(entries.cells[index].ban());
    entries.remove(index);
  }
  return ended;
}

std::optional<Instant> BanTable::next_expiry() const {
  if (entries_->heap.empty()) return std::nullopt;
  return entries_->cells[entries_->heap.front()].until;
}

void BanTable::set_never_ban(std::vector<Prefix> prefixes) {
  entries_->never_trie.clear();
  for (const Prefix& prefix : prefixes) entries_->never_trie.insert(prefix, 0);
  entries_->never = std::move(prefixes);
}

std::size_t BanTable::size() const noexcept {
  return entries_->by_prefix.size();
}

std::uint64_t BanTable::evicted() const noexcept {
  return entries_->evicted;
}

std::size_t BanTable::some(std::size_t from, std::size_t most, std::vector<Ban>& bans) const {
  const auto& cells = entries_->cells;
  const std::size_t end = most < cells.size() && from < cells.size() - most ? from + most : cells.size();
  for (std::size_t each = from; each < end; ++each) {
    if (cells[each].hits != 0) bans.push_back(cells[each].ban());
  }
  return end == cells.size() ? kNoMore : end;
}

std::vector<Ban> BanTable::all() const {
  std::vector<Ban> bans;
  bans.reserve(size());
  entries_->by_prefix.for_each([&](const Prefix&, std::uint32_t index) { bans.push_back(entries_->cells[index].ban()); });
  return bans;
}

}  // namespace reeve
