#include "defence/ban_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/time.h"
#include "defence/ban_store_state.h"
#include "defence/ban_tables.h"
#include "defence/store_file.h"

namespace reeve {
namespace {

using Kind = DatabaseError::Kind;

std::unexpected<DatabaseError> damaged(std::string what) {
  return std::unexpected(DatabaseError{Kind::damaged, std::move(what)});
}

bool comes_first(const WirePrefix& a, const WirePrefix& b) noexcept {
  return std::tie(a.address, a.bits) < std::tie(b.address, b.bits);
}

// What a file says is foreign bytes: a row that the engine would not take for a message is not given to it.
bool is_sound(std::span<const std::uint8_t> address, std::int64_t bits, std::int64_t origin, std::int64_t hits,
              std::int64_t times) noexcept {
  if (address.size() != 16 || bits < 0 || bits > 128 || hits < 1 || hits > UINT32_MAX || times < 1 || times > UINT32_MAX) return false;
  return origin >= static_cast<std::int64_t>(BanOrigin::sensor) && origin <= static_cast<std::int64_t>(BanOrigin::store);
}

WirePrefix prefix_of(std::span<const std::uint8_t> address, std::int64_t bits) noexcept {
  std::array<std::uint8_t, 16> bytes{};
  std::ranges::copy(address, bytes.begin());
  return to_wire(Prefix::of(Address(bytes), static_cast<unsigned>(bits)));
}

Stored<std::optional<StoreClock::Kept>> kept_clock(Database& database) {
  auto row = database.prepare("SELECT boot, ahead, wall_behind, last FROM clock");
  if (!row) return std::unexpected(std::move(row.error()));
  const auto is_there = row->step();
  if (!is_there) return std::unexpected(is_there.error());
  if (!*is_there) return std::nullopt;
  return StoreClock::Kept{
      .boot = std::string(row->text(0)), .ahead = row->number(1), .wall_behind = row->number(2), .last = row->number(3)};
}

}  // namespace

std::string_view to_text(BanEnd end) noexcept {
  switch (end) {
    case BanEnd::expired:
      return "expired";
    case BanEnd::lifted:
      return "lifted";
    case BanEnd::replaced:
      return "replaced";
  }
  return "expired";
}

// ---- opening

BanStore::BanStore(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
BanStore::~BanStore() = default;

Stored<void> BanStore::State::prepare() {
  struct {
    std::optional<Statement>* place;
    const char* sql;
  } const all[] = {
      {&keep_clock, "INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?, ?)"},
      {&find, "SELECT since, until, origin, hits, times, reason, node FROM bans WHERE address = ? AND bits = ?"},
      {&put,
       "INSERT INTO bans VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO UPDATE SET"
       " since = ?3, until = ?4, origin = ?5, hits = ?6, times = ?7, reason = ?8, node = ?9"},
      {&erase, "DELETE FROM bans WHERE address = ? AND bits = ?"},
      {&add_past, "INSERT INTO past VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
  };
  for (const auto& each : all) {
    auto statement = database.prepare(each.sql);
    if (!statement) return std::unexpected(std::move(statement.error()));
    *each.place = std::move(*statement);
  }
  return {};
}

namespace {

struct OpenFile {
  Database database;
  StoreClock clock;
  std::int64_t bans;
};

Stored<OpenFile> open_file(const std::string& path, const std::string& boot, const ClockReading& now) {
  if (auto made = make_store_file(path); !made) return std::unexpected(DatabaseError{Kind::failed, made.error().text()});
  auto database = Database::open(path);
  if (!database) return std::unexpected(std::move(database.error()));
  if (auto done = bring_up_to_date(*database); !done) return std::unexpected(std::move(done.error()));
  const auto kept = kept_clock(*database);
  if (!kept) return std::unexpected(kept.error());
  const auto bans = database->number("SELECT count(*) FROM bans");
  if (!bans) return std::unexpected(bans.error());
  return OpenFile{std::move(*database), StoreClock::start(*kept, boot, now), *bans};
}

}  // namespace

Stored<BanStore::Opened> BanStore::open(const std::string& directory, const StoreTuning& tuning, std::string boot,
                                        const ClockReading& now) {
  const std::string path = directory + "/" + kFileName;
  Opened opened;
  auto file = open_file(path, boot, now);
  if (!file && file.error().kind == Kind::damaged) {
    opened.damage = file.error().what;
    auto moved = move_store_aside(path, now.wall);
    if (!moved)
      return std::unexpected(
          DatabaseError{Kind::failed, "it is damaged (" + opened.damage + "), and can't be moved: " + moved.error().text()});
    opened.moved_to = std::move(*moved);
    file = open_file(path, boot, now);
  }
  if (!file) return std::unexpected(std::move(file.error()));
  auto state = std::make_unique<State>(std::move(file->database), std::move(file->clock), tuning);
  state->bans = file->bans;
  state->path = path;
  state->identity = identity_of(path);
  if (auto done = state->prepare(); !done) return std::unexpected(std::move(done.error()));
  opened.store.reset(new BanStore(std::move(state)));
  return opened;
}

// ---- reading

Stored<void> BanStore::load(const ClockReading& now, const std::function<bool(const BanMessage&)>& each) {
  const StoreClock& clock = state_->clock;
  auto rows = state_->database.prepare(
      "SELECT address, bits, since, until, origin, hits, times, reason, node FROM bans WHERE until IS NULL OR until > ?");
  if (!rows) return std::unexpected(std::move(rows.error()));
  rows->bind(0, clock.now(now));
  for (;;) {
    const auto is_there = rows->step();
    if (!is_there) return std::unexpected(is_there.error());
    if (!*is_there) return {};
    if (!is_sound(rows->bytes(0), rows->number(1), rows->number(4), rows->number(5), rows->number(6)))
      return damaged("a row of bans is no ban");
    const std::optional<StoreTime> until = rows->number_if(3);
    BanMessage ban{.origin = static_cast<BanOrigin>(rows->number(4)),
                   .prefix = prefix_of(rows->bytes(0), rows->number(1)),
                   .kept = 1,
                   .hits = static_cast<std::uint32_t>(rows->number(5)),
                   .times = static_cast<std::uint32_t>(rows->number(6)),
                   .since_ns = clock.instant(rows->number(2)).time_since_epoch().count(),
                   .until_ns = until ? clock.instant(*until).time_since_epoch().count() : kForEverNs};
    if (ban.until_ns <= ban.since_ns) return damaged("a row of bans ends before it begins");
    put_words(ban.reason, rows->text(7));
    put_words(ban.node, rows->text(8));
    if (!each(ban)) return {};
  }
}

Stored<void> BanStore::offenders(const ClockReading& now, const std::function<bool(const OffenderMessage&)>& each) {
  const StoreClock& clock = state_->clock;
  const StoreTime at = clock.now(now);
  // Of the past the last ban (SQLite takes the other columns from the row with the maximum), unless it was lifted: that forgives.
  // And what ended while nobody was there to move it.
  auto rows = state_->database.prepare(
      "SELECT address, bits, times, max(ended) FROM past WHERE ended > ?1"
      " AND NOT EXISTS (SELECT 1 FROM bans WHERE bans.address = past.address AND bans.bits = past.bits)"
      " GROUP BY address, bits HAVING why <> ?3"
      " UNION ALL SELECT address, bits, times, until FROM bans WHERE until <= ?2 AND until > ?1");
  if (!rows) return std::unexpected(std::move(rows.error()));
  rows->bind(0, at - std::chrono::milliseconds(state_->tuning.memory).count())
      .bind(1, at)
      .bind(2, static_cast<std::int64_t>(BanEnd::lifted));
  for (;;) {
    const auto is_there = rows->step();
    if (!is_there) return std::unexpected(is_there.error());
    if (!*is_there) return {};
    if (!is_sound(rows->bytes(0), rows->number(1), 1, 1, rows->number(2))) return damaged("a row of past is no ban");
    const OffenderMessage offender{.times = static_cast<std::uint32_t>(rows->number(2)),
                                   .prefix = prefix_of(rows->bytes(0), rows->number(1)),
                                   .ended_ns = clock.instant(rows->number(3)).time_since_epoch().count()};
    if (!each(offender)) return {};
  }
}

// ---- writing

Stored<void> BanStore::apply(std::span<const StoreChange> changes, const ClockReading& now) {
  State& state = *state_;
  const StoreTime at = state.clock.now(now);
  const std::int64_t bans_before = state.bans;
  const auto write = [&]() -> Stored<void> {
    auto transaction = Transaction::begin(state.database);
    if (!transaction) return std::unexpected(std::move(transaction.error()));
    for (const StoreChange& change : changes) {
      auto done = std::visit([&](const auto& message) { return state.apply(message, at); }, change);
      if (!done) return done;
    }
    if (auto done = state.write_clock(now); !done) return done;
    return transaction->commit();
  };
  auto done = write();
  if (!done) {
    state.told.reset();
    state.bans = bans_before;
  }
  return done;
}

Stored<void> BanStore::State::write_clock(const ClockReading& now) {
  const StoreClock::Kept kept = clock.keep(now);
  return keep_clock->bind(0, std::string_view(kept.boot)).bind(1, kept.ahead).bind(2, kept.wall_behind).bind(3, kept.last).run();
}

Stored<std::optional<BanRow>> BanStore::State::find_row(const WirePrefix& prefix) {
  const auto is_there = find->bind(0, std::span<const std::uint8_t>(prefix.address)).bind(1, std::int64_t{prefix.bits}).step();
  if (!is_there) return std::unexpected(is_there.error());
  if (!*is_there) return std::nullopt;
  BanRow row{.since = find->number(0),
             .until = find->number_if(1),
             .origin = find->number(2),
             .hits = find->number(3),
             .times = find->number(4),
             .reason = std::string(find->text(5)),
             .node = std::string(find->text(6))};
  find->reset();
  return row;
}

Stored<void> BanStore::State::end(const WirePrefix& prefix, const BanRow& row, StoreTime ended, BanEnd why, std::optional<BanOrigin> by) {
  const std::span<const std::uint8_t> address(prefix.address);
  const auto done = add_past->bind(0, address)
                        .bind(1, std::int64_t{prefix.bits})
                        .bind(2, row.since)
                        .bind(3, row.until)
                        .bind(4, ended)
                        .bind(5, static_cast<std::int64_t>(why))
                        .bind(6, by ? std::optional(static_cast<std::int64_t>(*by)) : std::nullopt)
                        .bind(7, row.origin)
                        .bind(8, row.hits)
                        .bind(9, row.times)
                        .bind(10, std::string_view(row.reason))
                        .bind(11, std::string_view(row.node))
                        .run();
  if (!done) return done;
  if (auto erased = erase->bind(0, address).bind(1, std::int64_t{prefix.bits}).run(); !erased) return erased;
  --bans;
  return {};
}

Stored<void> BanStore::State::apply(const BeginMessage&, StoreTime) {
  told.emplace();
  return {};
}

Stored<void> BanStore::State::apply(const BanMessage& ban, StoreTime now) {
  if (told) told->push_back(ban.prefix);
  auto known = find_row(ban.prefix);
  if (!known) return std::unexpected(std::move(known.error()));
  BanRow row{
      .since = clock.floor(Instant(std::chrono::nanoseconds(ban.since_ns))),
      .until = ban.until_ns == kForEverNs ? std::nullopt : std::optional(clock.ceil(Instant(std::chrono::nanoseconds(ban.until_ns)))),
      .origin = static_cast<std::int64_t>(ban.origin),
      .hits = ban.hits,
      .times = ban.times,
      .reason = std::string(text_of(ban.reason)),
      .node = std::string(text_of(ban.node))};
  if (*known) {
    BanRow& old = **known;
    if (old.until && *old.until <= row.since) {
      // That one is over: this is another.
      if (auto done = end(ban.prefix, old, *old.until, BanEnd::expired, std::nullopt); !done) return done;
      known->reset();
    } else {
      // The same ban goes on. An engine that has begun anew may know less of it than we do.
      row.since = std::min(row.since, old.since);
      row.hits = std::max(row.hits, old.hits);
      row.times = std::max(row.times, old.times);
      if (row.node.empty() && row.origin == old.origin) row.node = old.node;
      if (row == old) return {};
    }
  }
  if (!*known) {
    if (auto done = make_room(now); !done) return done;
    ++bans;
  }
  return put->bind(0, std::span<const std::uint8_t>(ban.prefix.address))
      .bind(1, std::int64_t{ban.prefix.bits})
      .bind(2, row.since)
      .bind(3, row.until)
      .bind(4, row.origin)
      .bind(5, row.hits)
      .bind(6, row.times)
      .bind(7, std::string_view(row.reason))
      .bind(8, std::string_view(row.node))
      .run();
}

Stored<void> BanStore::State::apply(const LiftMessage& lift, StoreTime now) {
  const auto known = find_row(lift.prefix);
  if (!known) return std::unexpected(known.error());
  if (!*known) return {};
  if ((*known)->until && *(*known)->until <= now) return end(lift.prefix, **known, *(*known)->until, BanEnd::expired, std::nullopt);
  return end(lift.prefix, **known, now, BanEnd::lifted, lift.origin);
}

// The engine has told all. What it did not tell is in force no more, unless it only ended by its time.
Stored<void> BanStore::State::apply(const EndOfBansMessage&, StoreTime now) {
  if (!told) return {};
  std::ranges::sort(*told, comes_first);
  std::vector<WirePrefix> gone;
  {
    auto rows = database.prepare("SELECT address, bits FROM bans WHERE until IS NULL OR until > ?");
    if (!rows) return std::unexpected(std::move(rows.error()));
    rows->bind(0, now);
    for (;;) {
      const auto is_there = rows->step();
      if (!is_there) return std::unexpected(is_there.error());
      if (!*is_there) break;
      if (rows->bytes(0).size() != 16) return damaged("a row of bans is no ban");
      const WirePrefix prefix = prefix_of(rows->bytes(0), rows->number(1));
      if (!std::ranges::binary_search(*told, prefix, comes_first)) gone.push_back(prefix);
    }
  }
  told.reset();
  for (const WirePrefix& prefix : gone) {
    const auto row = find_row(prefix);
    if (!row) return std::unexpected(row.error());
    if (!*row) continue;
    if (auto done = end(prefix, **row, now, BanEnd::lifted, std::nullopt); !done) return done;
  }
  return {};
}

bool BanStore::awaits_end() const noexcept {
  return state_->told.has_value();
}

Result<std::string> BanStore::set_aside(const std::string& directory, WallTime now) {
  return move_store_aside(directory + "/" + kFileName, now);
}

bool BanStore::is_in_place() const noexcept {
  return state_->identity && identity_of(state_->path) == state_->identity;
}

std::int64_t BanStore::bans() const noexcept {
  return state_->bans;
}

}  // namespace reeve
