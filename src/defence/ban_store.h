// BanStore: the bans in force and the bans of the past, in an SQLite file that outlives the daemon, the machine's power, and others.
//
// Used by defence/store_thread, by one thread. The engine's ban table is the authority: the store writes down what it is told and
// gives it back after a start. apply() is one transaction: all of it is on disk when it returns, or nothing of it ever was.
// A file that can't be read is moved aside under a name with the date, and a fresh one takes its place.
// Bounds: kMostBans in force (the one that ends first makes room), the past kMostPast bans and kPastAge (or as long as former bans
// are remembered, if that is longer): the oldest go.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/address.h"
#include "base/defence_message.h"
#include "base/result.h"
#include "defence/database.h"
#include "defence/store_clock.h"

namespace reeve {

using StoreChange = std::variant<BeginMessage, BanMessage, EndOfBansMessage, LiftMessage>;

// Why a ban is over. As numbers in the file.
enum class BanEnd : std::uint8_t {
  expired = 1,
  lifted = 2,    // by somebody; or it was gone when the engine told all that it has
  replaced = 3,  // at the bound, by a later one
};
[[nodiscard]] std::string_view to_text(BanEnd end) noexcept;

struct PastBan {
  Prefix prefix;
  BanOrigin origin = BanOrigin::sensor;
  std::string reason, node;
  std::uint32_t hits = 1, times = 1;
  WallTime since;
  std::optional<WallTime> until;       // nullopt: for ever
  std::optional<WallTime> ended;       // nullopt: in force
  BanEnd why = BanEnd::expired;        // where it ended
  std::optional<BanOrigin> lifted_by;  // where somebody did
};

struct StoreTuning {
  std::chrono::minutes memory{0};      // for how long former bans are to be remembered at least
  std::int64_t most_bans = 2'000'000;  // more than the engine's table has
  std::int64_t most_past = 1'000'000;
  std::chrono::hours past_age{90 * 24};
};

class BanStore {
 public:
  static constexpr const char* kFileName = "bans.db";

  struct Opened {
    std::unique_ptr<BanStore> store;
    std::string moved_to;  // where a damaged file is now; empty: there was none
    std::string damage;    // what was wrong with it
  };
  // `boot`: the machine's boot id. The directory must be there.
  [[nodiscard]] static Stored<Opened> open(const std::string& directory, const StoreTuning& tuning, std::string boot,
                                           const ClockReading& now);
  ~BanStore();
  // For a file that turned out to be damaged when it was open already. Returns where it is now.
  [[nodiscard]] static Result<std::string> set_aside(const std::string& directory, WallTime now);

  // What is in force now, as it was told (origin, times, hits), in order of address. The callback ends the reading with false.
  [[nodiscard]] Stored<void> load(const ClockReading& now, const std::function<bool(const BanMessage&)>& each);
  // Who was banned within `memory` and is not now.
  [[nodiscard]] Stored<void> offenders(const ClockReading& now, const std::function<bool(const OffenderMessage&)>& each);

  // After an error nothing of it happened, and a Begin whose End did not come yet is forgotten: the engine must tell all anew.
  [[nodiscard]] Stored<void> apply(std::span<const StoreChange> changes, const ClockReading& now);

  // A Begin was told, and its End not yet.
  [[nodiscard]] bool awaits_end() const noexcept;

  // Moves bans that ended by their time to the past, and forgets what is too old, a piece at a time; true: there is more.
  [[nodiscard]] Stored<bool> tidy(const ClockReading& now);
  // When tidy() has something to do next; nullopt: nothing ends.
  [[nodiscard]] Stored<std::optional<Instant>> next_end();

  // Bans whose prefix lies in `around` or holds it, in force or past, the latest first, `most` at most.
  [[nodiscard]] Stored<void> history(const Prefix& around, std::uint32_t most, const ClockReading& now,
                                     const std::function<void(const PastBan&)>& each);

  // False: somebody removed or replaced the file, and what is written to it is lost.
  [[nodiscard]] bool is_in_place() const noexcept;

  [[nodiscard]] std::int64_t bans() const noexcept;  // in force, and such as tidy() did not come to yet

 private:
  struct State;
  explicit BanStore(std::unique_ptr<State> state) noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace reeve
