#include "policy/ban_table.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"
#include "policy/ban_index.h"
#include "policy/offenders.h"
#include "policy/placed_heap.h"

namespace reeve {
namespace {

using Index = std::uint32_t;
constexpr Instant kForEver = Instant::max();

// A ban as it is kept: a million of them are 112 MB, the reason being most of it.
struct Cell {
  Address address;
  std::uint8_t bits = 128;
  std::array<char, BanTable::kMaxReasonBytes> reason{};  // filled with zeros
  Instant since, until;
  std::uint32_t hits = 1;  // 0: free
  std::uint32_t times = 1;
  Index place = PlacedHeap<Cell>::kNoPlace;  // there too: for ever
  BanOrigin origin = BanOrigin::operator_;

  [[nodiscard]] bool goes_before(const Cell& other) const noexcept { return until < other.until; }
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
            .origin = origin,
            .hits = hits,
            .times = times};
  }
};

// A list's bans come and go as others please: they say nothing of what somebody did here.
bool counts(BanOrigin origin) noexcept {
  return origin != BanOrigin::list;
}

}  // namespace

struct BanTable::Entries {
  Entries(std::size_t bound, std::uint64_t seed) : capacity(bound), by_prefix(seed) {}

  std::size_t capacity;
  std::uint64_t evicted = 0;
  BanIndex by_prefix;  // to indices of cells
  std::vector<Cell> cells;
  std::vector<Index> free;
  PlacedHeap<Cell> heap;  // of the bans that end, the first one to end at its front
  Offenders offenders;
  NeverBan never;
  std::uint32_t growth = 1;
  std::chrono::nanoseconds most{0};
  std::uint8_t bits_v4 = 32, bits_v6 = 64;

  [[nodiscard]] const Cell* holding(const Address& source, Instant now) const noexcept {
    const auto index = by_prefix.holding(source, now);
    return index && !never.spares(source) ? &cells[*index] : nullptr;
  }

  void schedule(Index index) {
    if (cells[index].until != kForEver) heap.push(cells, index);
  }

  void remove(Index index) {
    heap.remove(cells, index);
    by_prefix.erase(cells[index].prefix());
    cells[index].hits = 0;
    free.push_back(index);
  }
  // It ended, or had to go.
  void retire(Index index, Instant now) {
    const Cell& cell = cells[index];
    if (counts(cell.origin)) offenders.remember(cell.prefix(), cell.times, std::min(cell.until, now), now);
    remove(index);
  }

  // Room for one more that ends at `until`.
  bool make_room(Instant until, Instant now) {
    if (by_prefix.size() < capacity) return true;
    if (heap.empty() || cells[heap.front()].until >= until) return false;
    if (cells[heap.front()].until > now) ++evicted;
    retire(heap.front(), now);
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

  // Which ban of `prefix` one would be that begins now.
  [[nodiscard]] std::uint32_t next_times(const Prefix& prefix, Instant now) const noexcept {
    const auto known = by_prefix.find(prefix);
    const std::uint32_t ended = known && counts(cells[*known].origin) ? cells[*known].times : 0;
    const std::uint32_t former = std::max(ended, offenders.times(prefix, now));
    return former < UINT32_MAX ? former + 1 : former;
  }
};

BanTable::BanTable(std::size_t capacity, std::uint64_t seed) : entries_(std::make_unique<Entries>(capacity, seed)) {
  REEVE_CHECK(capacity > 0 && capacity < UINT32_MAX);
}
BanTable::~BanTable() = default;
BanTable::BanTable(BanTable&&) noexcept = default;
BanTable& BanTable::operator=(BanTable&&) noexcept = default;

void BanTable::set_terms(const BanTerms& terms) {
  entries_->growth = terms.growth;
  entries_->most = terms.most;
  entries_->bits_v4 = terms.bits_v4;
  entries_->bits_v6 = terms.bits_v6;
  entries_->offenders.set_memory(terms.memory);
}

Prefix BanTable::prefix_for(const Address& source) const noexcept {
  if (source.is_local()) return Prefix::host(source);
  const Prefix wide = Prefix::of(source, source.is_v4() ? 96u + entries_->bits_v4 : entries_->bits_v6);
  return entries_->never.conflict(wide) == nullptr ? wide : Prefix::host(source);
}

Instant BanTable::end_of(const Prefix& prefix, std::chrono::nanoseconds length, Instant now) const noexcept {
  const Entries& entries = *entries_;
  const auto known = entries.by_prefix.find(prefix);
  const bool holds = known && entries.cells[*known].until > now;
  std::uint32_t times = holds ? entries.cells[*known].times : entries.next_times(prefix, now);
  const std::chrono::nanoseconds bound = entries.most > std::chrono::nanoseconds(0) ? entries.most : kLongestGrown;
  if (entries.growth > 1 && length > std::chrono::nanoseconds(0)) {
    for (; times > 1 && length < bound; --times) length = length > bound / entries.growth ? bound : length * entries.growth;
  }
  return now > Instant::max() - length ? Instant::max() : now + length;
}

BanTable::Outcome BanTable::add(const Prefix& prefix, std::optional<Instant> until, std::string_view reason, Instant now, BanOrigin origin,
                                std::uint32_t times) {
  Entries& entries = *entries_;
  if (entries.never.conflict(prefix) != nullptr) return Outcome::never_ban;
  const Instant end = until.value_or(kForEver);

  if (counts(origin)) times = std::max(times, entries.next_times(prefix, now));
  if (const auto known = entries.by_prefix.find(prefix)) {
    Cell& cell = entries.cells[*known];
    if (cell.until > now) {
      if (counts(origin) && !counts(cell.origin)) cell.times = times;
      if (cell.hits < UINT32_MAX) ++cell.hits;
      if (end > cell.until) {  // reason and origin are those of the ban's end
        cell.set_reason(reason);
        cell.origin = origin;
        entries.heap.remove(entries.cells, *known);
        cell.until = end;
        entries.by_prefix.set_end(prefix, end);
        entries.schedule(*known);
      }
      return Outcome::extended;
    }
    entries.retire(*known, now);  // it had ended: this is another one
  }
  if (!entries.make_room(end, now)) return Outcome::full;
  const Index index = entries.take_cell();
  Cell& cell = entries.cells[index];
  cell = {.address = prefix.address, .bits = prefix.bits, .since = now, .until = end, .times = times, .origin = origin};
  cell.set_reason(reason);
  entries.by_prefix.insert(prefix, index, end);
  entries.schedule(index);
  if (counts(origin)) entries.offenders.forget(prefix);  // its ban knows
  return Outcome::added;
}

BanTable::Outcome BanTable::restore(const Ban& ban, Instant now) {
  const Outcome outcome = add(ban.prefix, ban.until, ban.reason, now, ban.origin, ban.times);
  const auto index = entries_->by_prefix.find(ban.prefix);
  if (!index || (outcome != Outcome::added && outcome != Outcome::extended)) return outcome;
  Cell& cell = entries_->cells[*index];
  cell.since = std::min(cell.since, ban.since);
  cell.times = std::max(cell.times, ban.times);
  cell.hits = outcome == Outcome::added
                  ? ban.hits
                  : static_cast<std::uint32_t>(std::min<std::uint64_t>(std::uint64_t{cell.hits} - 1 + ban.hits, UINT32_MAX));
  return outcome;
}

void BanTable::remember(const Prefix& prefix, std::uint32_t times, Instant ended, Instant now) {
  if (!entries_->by_prefix.find(prefix)) entries_->offenders.remember(prefix, times, ended, now);
}

bool BanTable::lift(const Prefix& prefix) {
  entries_->offenders.forget(prefix);
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
    entries.retire(index, now);
  }
  return ended;
}

std::optional<Instant> BanTable::next_expiry() const {
  if (entries_->heap.empty()) return std::nullopt;
  return entries_->cells[entries_->heap.front()].until;
}

void BanTable::set_never_ban(std::vector<Guarded> list) {
  entries_->never = NeverBan(std::move(list));
}

const NeverBan& BanTable::never_ban() const noexcept {
  return entries_->never;
}

std::size_t BanTable::size() const noexcept {
  return entries_->by_prefix.size();
}

std::uint64_t BanTable::evicted() const noexcept {
  return entries_->evicted;
}

std::size_t BanTable::remembered() const noexcept {
  return entries_->offenders.size();
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
  (void)some(0, SIZE_MAX, bans);
  return bans;
}

}  // namespace reeve
