#include "defence/ban_tables.h"

#include <array>
#include <cstdint>
#include <string>

namespace reeve {
namespace {

// Times are milliseconds of the store's own clock (defence/store_clock.h); less `wall_behind` they are milliseconds since 1970.
// An address has 16 bytes, IPv4 as ::ffff:a.b.c.d, and bits counts from the first of them. origin is BanOrigin's number of
// base/defence_message.h, why BanEnd's of defence/ban_store.h. until is NULL where a ban never ends.
constexpr const char* kFirst =
    "CREATE TABLE clock ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  boot TEXT NOT NULL, ahead INTEGER NOT NULL, wall_behind INTEGER NOT NULL, last INTEGER NOT NULL);"
    "CREATE TABLE bans ("
    "  address BLOB NOT NULL, bits INTEGER NOT NULL,"
    "  since INTEGER NOT NULL, until INTEGER,"
    "  origin INTEGER NOT NULL, hits INTEGER NOT NULL, times INTEGER NOT NULL, reason TEXT NOT NULL, node TEXT NOT NULL,"
    "  PRIMARY KEY (address, bits)) WITHOUT ROWID;"
    "CREATE INDEX bans_by_end ON bans (until) WHERE until IS NOT NULL;"
    "CREATE TABLE past ("
    "  id INTEGER PRIMARY KEY,"
    "  address BLOB NOT NULL, bits INTEGER NOT NULL,"
    "  since INTEGER NOT NULL, until INTEGER, ended INTEGER NOT NULL, why INTEGER NOT NULL, lifted_by INTEGER,"
    "  origin INTEGER NOT NULL, hits INTEGER NOT NULL, times INTEGER NOT NULL, reason TEXT NOT NULL, node TEXT NOT NULL);"
    "CREATE INDEX past_by_address ON past (address, bits, ended, times, why);";

constexpr std::array kSteps{kFirst};

}  // namespace

Stored<void> bring_up_to_date(Database& database) {
  const auto version = database.number("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  constexpr auto kToday = static_cast<std::int64_t>(kSteps.size());
  if (*version == kToday) return {};
  if (*version > kToday) {
    return std::unexpected(DatabaseError{
        DatabaseError::Kind::newer, "it has version " + std::to_string(*version) + ", this reeve knows up to " + std::to_string(kToday)});
  }
  if (*version < 0) return std::unexpected(DatabaseError{DatabaseError::Kind::damaged, "it has version " + std::to_string(*version)});
  auto transaction = Transaction::begin(database);
  if (!transaction) return std::unexpected(std::move(transaction.error()));
  for (auto step = static_cast<std::size_t>(*version); step < kSteps.size(); ++step) {
    if (auto done = database.execute(kSteps[step]); !done) return done;
  }
  const std::string mark = "PRAGMA user_version = " + std::to_string(kToday);
  if (auto done = database.execute(mark.c_str()); !done) return done;
  return transaction->commit();
}

}  // namespace reeve
