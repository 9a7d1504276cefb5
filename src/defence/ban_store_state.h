// BanStore::State: the open file and its statements. For defence/ban_store.cc and defence/ban_past.cc only.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "defence/ban_store.h"
#include "defence/database.h"
#include "defence/store_clock.h"
#include "defence/store_file.h"

namespace reeve {

// A row of `bans`, and of `past`.
struct BanRow {
  StoreTime since = 0;
  std::optional<StoreTime> until;
  std::int64_t origin = 0, hits = 1, times = 1;
  std::string reason, node;

  friend bool operator==(const BanRow&, const BanRow&) = default;
};

struct BanStore::State {
  State(Database opened, StoreClock ticking, const StoreTuning& tuned)
      : database(std::move(opened)), clock(std::move(ticking)), tuning(tuned) {}

  Database database;
  StoreClock clock;
  StoreTuning tuning;
  std::string path;
  std::optional<FileIdentity> identity;
  std::int64_t bans = 0;
  // Between Begin and End: what was told. What is not among it at the end is gone.
  std::optional<std::vector<WirePrefix>> told;

  std::optional<Statement> keep_clock, find, put, erase, add_past;

  [[nodiscard]] Stored<void> prepare();
  [[nodiscard]] Stored<void> apply(const BeginMessage& begin, StoreTime now);
  [[nodiscard]] Stored<void> apply(const BanMessage& ban, StoreTime now);
  [[nodiscard]] Stored<void> apply(const EndOfBansMessage& end, StoreTime now);
  [[nodiscard]] Stored<void> apply(const LiftMessage& lift, StoreTime now);
  [[nodiscard]] Stored<void> write_clock(const ClockReading& now);
  [[nodiscard]] Stored<std::optional<BanRow>> find_row(const WirePrefix& prefix);
  [[nodiscard]] Stored<void> end(const WirePrefix& prefix, const BanRow& row, StoreTime ended, BanEnd why, std::optional<BanOrigin> by);
  [[nodiscard]] Stored<void> make_room(StoreTime now);
};

[[nodiscard]] std::array<std::uint8_t, 16> first_of(const Prefix& prefix) noexcept;
[[nodiscard]] std::array<std::uint8_t, 16> last_of(const Prefix& prefix) noexcept;

}  // namespace reeve
