// The past in the store: how bans come to it, when they are forgotten, and what is told of them.
#include <algorithm>
#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "defence/ban_store.h"
#include "defence/ban_store_state.h"

namespace reeve {
namespace {

// Rows that one transaction moves or forgets, so that a new ban does not wait for long.
constexpr std::int64_t kPiece = 1'000;
// Pages that one transaction gives back to the file system.
constexpr const char* kGiveBack = "PRAGMA incremental_vacuum(256)";
// A ban whose end the engine has just moved may be told a moment after its old end.
constexpr StoreTime kGrace = 10'000;

std::unexpected<DatabaseError> error_in(auto&& result) {
  return std::unexpected(std::move(result.error()));
}

std::uint32_t count_of(std::int64_t value) noexcept {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 1, UINT32_MAX));
}

BanOrigin origin_of(std::int64_t value) noexcept {
  const auto least = static_cast<std::int64_t>(BanOrigin::sensor), most = static_cast<std::int64_t>(BanOrigin::store);
  return static_cast<BanOrigin>(std::clamp(value, least, most));
}

constexpr const char* kExpire =
    "INSERT INTO past (address, bits, since, until, ended, why, origin, hits, times, reason, node)"
    " SELECT address, bits, since, until, until, ?3, origin, hits, times, reason, node FROM bans WHERE until <= ?1"
    " ORDER BY until, address, bits LIMIT ?2";
constexpr const char* kEraseExpired =
    "DELETE FROM bans WHERE (address, bits) IN"
    " (SELECT address, bits FROM bans WHERE until <= ?1 ORDER BY until, address, bits LIMIT ?2)";
// Rows are added in the order of their ids, so the oldest have the lowest, and there are no holes.
constexpr const char* kForget =
    "DELETE FROM past WHERE id IN (SELECT id FROM (SELECT id, ended FROM past ORDER BY id LIMIT ?1) WHERE ended < ?2)";
constexpr const char* kForgetSurplus =
    "DELETE FROM past WHERE id <= min((SELECT max(id) FROM past) - ?1, (SELECT min(id) FROM past) + ?2 - 1)";
// Asked before a transaction is begun: where nothing is due, nothing is written.
constexpr const char* kIsDue =
    "SELECT EXISTS (SELECT 1 FROM bans WHERE until <= ?1) OR EXISTS (SELECT 1 FROM (SELECT ended FROM past ORDER BY id LIMIT 1) WHERE "
    "ended < ?2)"
    " OR ifnull((SELECT max(id) FROM past) - (SELECT min(id) FROM past) >= ?3, 0)";

constexpr const char* kRowsOfBans = "SELECT address, bits, since, until, NULL, 0, NULL, origin, hits, times, reason, node FROM bans";
constexpr const char* kRowsOfPast =
    "SELECT address, bits, since, until, ended, why, lifted_by, origin, hits, times, reason, node FROM past";

// What a damaged row says is cut to what can be shown.
PastBan ban_of(const Statement& row, StoreTime at, WallTime wall) {
  std::array<std::uint8_t, 16> address{};
  const auto bytes = row.bytes(0);
  std::copy_n(bytes.begin(), std::min(bytes.size(), address.size()), address.begin());
  const auto date = [&](std::optional<StoreTime> time) { return time ? std::optional(StoreClock::wall(*time, at, wall)) : std::nullopt; };
  const auto by = row.number_if(6);
  return {.prefix = Prefix::of(Address(address), static_cast<unsigned>(std::clamp<std::int64_t>(row.number(1), 0, 128))),
          .origin = origin_of(row.number(7)),
          .reason = std::string(row.text(10)),
          .node = std::string(row.text(11)),
          .hits = count_of(row.number(8)),
          .times = count_of(row.number(9)),
          .since = StoreClock::wall(row.number(2), at, wall),
          .until = date(row.number_if(3)),
          .ended = date(row.number_if(4)),
          .why = static_cast<BanEnd>(std::clamp<std::int64_t>(row.number(5), 1, 3)),
          .lifted_by = by ? std::optional(origin_of(*by)) : std::nullopt};
}

}  // namespace

std::array<std::uint8_t, 16> first_of(const Prefix& prefix) noexcept {
  return Prefix::of(prefix.address, prefix.bits).address.bytes();
}

std::array<std::uint8_t, 16> last_of(const Prefix& prefix) noexcept {
  auto bytes = first_of(prefix);
  for (unsigned bit = prefix.bits; bit < 128; ++bit) bytes[bit / 8] |= static_cast<std::uint8_t>(0x80U >> (bit % 8));
  return bytes;
}

Stored<bool> BanStore::tidy(const ClockReading& now) {
  State& state = *state_;
  Database& database = state.database;
  const StoreTuning& tuning = state.tuning;
  const StoreTime at = state.clock.now(now);
  const StoreTime ended = at - kGrace;
  const StoreTime forgotten = at - std::max(std::chrono::milliseconds(tuning.past_age), std::chrono::milliseconds(tuning.memory)).count();

  auto due = database.prepare(kIsDue);
  if (!due) return error_in(due);
  const auto is_due = due->bind(0, ended).bind(1, forgotten).bind(2, tuning.most_past).step();
  if (!is_due) return error_in(is_due);
  if (due->number(0) == 0) return false;
  due->reset();

  auto expire = database.prepare(kExpire), erase = database.prepare(kEraseExpired);
  auto forget = database.prepare(kForget), forget_surplus = database.prepare(kForgetSurplus);
  for (auto* each : {&expire, &erase, &forget, &forget_surplus}) {
    if (!*each) return error_in(*each);
  }
  expire->bind(0, ended).bind(1, kPiece).bind(2, static_cast<std::int64_t>(BanEnd::expired));
  erase->bind(0, ended).bind(1, kPiece);
  forget->bind(0, kPiece).bind(1, forgotten);
  forget_surplus->bind(0, tuning.most_past).bind(1, kPiece);

  auto transaction = Transaction::begin(database);
  if (!transaction) return error_in(transaction);
  std::int64_t most = 0, erased = 0;
  for (auto* each : {&expire, &erase, &forget, &forget_surplus}) {
    if (auto done = (*each)->run(); !done) return error_in(done);
    most = std::max(most, database.changed());
    if (each == &erase) erased = database.changed();
  }
  if (auto done = state.write_clock(now); !done) return error_in(done);
  if (auto done = transaction->commit(); !done) return error_in(done);
  state.bans -= erased;
  if (auto done = database.execute(kGiveBack); !done) return error_in(done);
  return most >= kPiece;
}

Stored<std::optional<Instant>> BanStore::next_end() {
  auto first = state_->database.prepare("SELECT min(until) FROM bans WHERE until IS NOT NULL");
  if (!first) return error_in(first);
  const auto is_there = first->step();
  if (!is_there) return error_in(is_there);
  const auto until = first->number_if(0);
  if (!until) return std::nullopt;
  return state_->clock.instant(*until + kGrace);
}

// At the bound the ban that ends first makes room. Where none ends there is no more to do: the engine's table is smaller than this one.
Stored<void> BanStore::State::make_room(StoreTime now) {
  if (bans < tuning.most_bans) return {};
  auto first = database.prepare("SELECT address, bits FROM bans WHERE until IS NOT NULL ORDER BY until LIMIT 1");
  if (!first) return error_in(first);
  const auto is_there = first->step();
  if (!is_there) return error_in(is_there);
  if (!*is_there) return {};
  WirePrefix prefix{.bits = static_cast<std::uint8_t>(first->number(1))};
  const auto bytes = first->bytes(0);
  std::copy_n(bytes.begin(), std::min(bytes.size(), prefix.address.size()), prefix.address.begin());
  first->reset();
  const auto row = find_row(prefix);
  if (!row) return error_in(row);
  if (!*row) return {};
  const bool had_ended = *(*row)->until <= now;
  return end(prefix, **row, had_ended ? *(*row)->until : now, had_ended ? BanEnd::expired : BanEnd::replaced, std::nullopt);
}

Stored<void> BanStore::history(const Prefix& around, std::uint32_t most, const ClockReading& now,
                               const std::function<void(const PastBan&)>& each) {
  const StoreTime at = state_->clock.now(now);
  std::vector<PastBan> in_force, past;
  const auto collect = [&](std::string_view rows, const char* where, const char* order, std::vector<PastBan>& into,
                           auto&& bind) -> Stored<void> {
    auto found = state_->database.prepare(std::string(rows) + where + order);
    if (!found) return error_in(found);
    bind(*found);
    found->bind(3, std::int64_t{most});
    for (;;) {
      const auto is_there = found->step();
      if (!is_there) return error_in(is_there);
      if (!*is_there) return {};
      into.push_back(ban_of(*found, at, now.wall));
    }
  };
  constexpr const char* kLatestBan = " ORDER BY since DESC LIMIT ?4";
  constexpr const char* kLatestPast = " ORDER BY id DESC LIMIT ?4";

  // What lies in it.
  const auto first = first_of(around), last = last_of(around);
  const char* within = around.bits == 0 ? "" : " WHERE address BETWEEN ?1 AND ?2 AND bits >= ?3";
  const auto bind_within = [&](Statement& rows) {
    if (around.bits == 0) return;
    rows.bind(0, std::span<const std::uint8_t>(first)).bind(1, std::span<const std::uint8_t>(last)).bind(2, std::int64_t{around.bits});
  };
  if (auto done = collect(kRowsOfBans, within, kLatestBan, in_force, bind_within); !done) return done;
  if (auto done = collect(kRowsOfPast, within, kLatestPast, past, bind_within); !done) return done;

  // What holds it.
  for (unsigned bits = 0; bits < around.bits; ++bits) {
    const auto address = Prefix::of(around.address, bits).address.bytes();
    const auto bind_outer = [&](Statement& rows) { rows.bind(0, std::span<const std::uint8_t>(address)).bind(2, std::int64_t{bits}); };
    constexpr const char* kIsThat = " WHERE address = ?1 AND bits = ?3";
    if (auto done = collect(kRowsOfBans, kIsThat, kLatestBan, in_force, bind_outer); !done) return done;
    if (auto done = collect(kRowsOfPast, kIsThat, kLatestPast, past, bind_outer); !done) return done;
  }
  std::ranges::stable_sort(in_force, std::ranges::greater{}, &PastBan::since);
  std::ranges::stable_sort(past, std::ranges::greater{}, [](const PastBan& ban) { return ban.ended.value_or(ban.since); });

  std::uint32_t told = 0;
  for (const auto* part : {&in_force, &past}) {
    for (const PastBan& ban : *part) {
      if (told++ == most) return {};
      each(ban);
    }
  }
  return {};
}

}  // namespace reeve
