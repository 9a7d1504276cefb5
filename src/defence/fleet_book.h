// FleetBook: what this node knows of its fleet: its own bans and whether the store has them, the others' bans, and who was lifted.
//
// Pure: it decides what of the store's records is proposed to the engine, what is refused, and what is to be sent; time comes
// in, records and messages go out. Used by defence/fleet. The engine decides anew about whatever is proposed.
//
// Of two statements about a prefix the later one holds. A lift is remembered for as long as a ban that was made before it
// could come back, so a partition, a restored copy of the store or a replay undoes no lift that is known here.
// Bounds: kMostOwn own bans (further ones stay on this node), kMostTheirs of others (further ones are refused), kMostLifts
// lifts (likewise), kMostNodes nodes (records of further ones are refused), kMostUnsent in the queue: then the queue is dropped,
// and filled again from the own bans when it is empty; a lift waits with its entry. No record lasts longer than kLongest:
// longer bans are sent again in time.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/defence_message.h"
#include "base/time.h"
#include "defence/fleet_record.h"
#include "policy/rate.h"

namespace reeve {

// One moment by both clocks.
struct FleetTime {
  Instant instant;
  WallMs wall = 0;
};

struct FleetRules {
  std::string node;  // ours
  std::uint8_t widest_v4 = 24, widest_v6 = 48;
  std::uint32_t most_per_minute = 6000;  // taken from one node
};

class FleetBook {
 public:
  static constexpr std::size_t kMostOwn = 1 << 20, kMostTheirs = 1 << 20, kMostLifts = 1 << 17, kMostUnsent = 100'000;
  static constexpr std::size_t kMostNodes = 256;
  static constexpr WallMs kLongest = WallMs{7} * 24 * 3600 * 1000;
  static constexpr WallMs kRenew = kLongest / 2;          // what is left of a record when it is sent again
  static constexpr WallMs kMostSkew = 5 * 60 * 1000;      // by which another node's clock may be ahead
  static constexpr std::uint32_t kMostCatchUp = 1 << 17;  // of one node, beyond its rate, after each time of being away

  explicit FleetBook(FleetRules rules);

  // What the engine says.
  enum class Shared : std::uint8_t { yes, not_ours, too_wide, no_room };
  void begin();
  Shared told(const BanMessage& ban, FleetTime now);
  void end();
  [[nodiscard]] bool is_complete() const noexcept { return is_complete_; }
  Shared lifted(const LiftMessage& lift, FleetTime now);
  void guarded(std::vector<Prefix> never) { guarded_ = std::move(never); }

  // To the store, at most `most`: what the store has to be told. Each is answered by sent() or, if it failed, unsent().
  [[nodiscard]] std::vector<FleetRecord> next_records(std::size_t most, FleetTime now);
  void sent(const FleetRecord& record);
  void unsent(const FleetRecord& record);
  [[nodiscard]] std::size_t queue_size() const noexcept { return queue_.size(); }

  // From the store.
  struct Nothing {};
  struct Refused {
    std::string_view why;
  };
  struct Later {};  // over its node's rate: to be taken with a later comparison
  using Taken = std::variant<Nothing, BanMessage, LiftMessage, Refused, Later>;
  // `left`: how long the store keeps the record, where that is known. The smaller of this and what `until` says holds.
  [[nodiscard]] Taken take(const FleetRecord& record, std::optional<WallMs> left, FleetTime now);
  // Between the two all records of the store are taken; own bans that were not among them are queued again.
  void begin_comparing(bool was_away);
  void end_comparing(FleetTime now);

  void forget_ended(FleetTime now);
  [[nodiscard]] FleetRecord here(FleetTime now, WallMs lasts) const;
  [[nodiscard]] std::size_t peers(FleetTime now) const;
  [[nodiscard]] std::size_t own_bans() const noexcept { return own_.size(); }
  [[nodiscard]] std::size_t their_bans() const noexcept { return theirs_.size(); }

 private:
  struct Own {
    BanOrigin origin = BanOrigin::sensor;
    std::uint32_t hits = 1, times = 1;
    Instant ends{};                         // as the engine said it
    WallMs said = 0, since = 0, until = 0;  // INT64_MAX: for ever
    WallMs stored_until = 0;                // 0: the store doesn't have it as it is now
    bool queued = false, seen = false, stale = false;
    std::string reason;
  };
  struct Theirs {
    WallMs said = 0, until = 0;
  };
  struct Lifted {
    WallMs said = 0, until = 0;
    bool is_ours = false, stored = false, queued = false, seen = false;
  };
  struct Node {
    SourceBudget budget;
    std::uint32_t catch_up = kMostCatchUp;
    WallMs here_until = 0;
    Instant heard{};
  };
  struct PrefixHash {
    std::size_t operator()(const Prefix& prefix) const noexcept;
  };
  template <class Value>
  using ByPrefix = boost::unordered_flat_map<Prefix, Value, PrefixHash>;
  struct Waiting {
    Prefix prefix;
    bool is_lift = false;
  };

  [[nodiscard]] bool is_too_wide(const Prefix& prefix) const noexcept;
  [[nodiscard]] bool is_guarded(const Prefix& prefix) const noexcept;
  [[nodiscard]] Node* node_of(const std::string& name, FleetTime now);
  [[nodiscard]] bool has_room(Node& node, FleetTime now) const;
  void queue_ban(const Prefix& prefix, Own& own);
  void queue_lift(const Prefix& prefix, Lifted& lift);
  void fill_queue(FleetTime now);
  [[nodiscard]] static bool is_wanted(const Own& own, FleetTime now) noexcept;
  [[nodiscard]] Taken take_ban(const FleetRecord& record, std::optional<WallMs> left, FleetTime now);
  [[nodiscard]] Taken take_lift(const FleetRecord& record, FleetTime now);
  void see_own(const FleetRecord& record, Own& own, FleetTime now);
  [[nodiscard]] FleetRecord record_of(const Prefix& prefix, const Own& own, FleetTime now) const;

  const FleetRules rules_;
  bool is_complete_ = false;
  bool is_catching_up_ = true;
  bool was_dropped_ = false;  // the queue, at its bound
  ByPrefix<Own> own_;
  ByPrefix<Theirs> theirs_;
  ByPrefix<Lifted> lifts_;
  boost::unordered_flat_map<std::string, Node> nodes_;
  std::deque<Waiting> queue_;
  std::vector<Prefix> guarded_;
};

}  // namespace reeve
