// BanTable: who is shut out of all services, until when, and because of what.
//
// The authority for decisions: a look-up in a BanIndex, exact expiry from a heap of instants. Bans are
// exact prefixes. Whom NeverBan names always wins. It remembers who was banned before (policy/offenders.h), so that the
// next ban can be longer. No clock, no I/O. A look-up allocates nothing.
//
// Bound: kDefaultCapacity bans. At the bound the ban that ends first makes room, never a permanent one
// for a temporary one; what was pushed out is counted (evicted()) and the engine says so once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/defence_message.h"
#include "base/time.h"
#include "config/defence.h"
#include "policy/never_ban.h"

namespace reeve {

struct Ban {
  Prefix prefix;
  Instant since;
  std::optional<Instant> until;  // nullopt: for ever
  std::string reason;            // "sensor trap"; at most kMaxReasonBytes are kept
  BanOrigin origin = BanOrigin::operator_;
  std::uint32_t hits = 1;
  std::uint32_t times = 1;  // which ban of this prefix it is; bans of lists are not counted
};

class BanTable {
 public:
  static constexpr std::size_t kDefaultCapacity = 1'000'000;
  static constexpr std::size_t kMaxReasonBytes = 63;
  static constexpr std::size_t kMaxExpiredAtOnce = 1'000;
  // No ban that grew is longer, whatever ban_max says.
  static constexpr std::chrono::hours kLongestGrown{24 * 3650};

  // `seed`: anything that those who choose addresses can't know; decisions don't depend on it.
  explicit BanTable(std::size_t capacity = kDefaultCapacity, std::uint64_t seed = 0);
  ~BanTable();
  BanTable(BanTable&&) noexcept;
  BanTable& operator=(BanTable&&) noexcept;

  // ban_growth, ban_max, ban_memory and ban_prefix: for the bans to come.
  void set_terms(const BanTerms& terms);

  // ---- what a ban of somebody would be
  // The prefix that is banned because of `source`: ban_prefix around it, but `source` alone where that would hold
  // somebody who is never banned.
  [[nodiscard]] Prefix prefix_for(const Address& source) const noexcept;
  // When a ban of `prefix` for `length` ends that begins or is extended now: each further ban is ban_growth times as long as
  // the one before, up to ban_max (a first ban may be longer than that).
  [[nodiscard]] Instant end_of(const Prefix& prefix, std::chrono::nanoseconds length, Instant now) const noexcept;

  enum class Outcome : std::uint8_t {
    added,
    extended,   // it was there; until is the later of both (and reason and origin that one's), hits counted
    never_ban,  // the prefix contains or is contained in a never-ban prefix
    full,       // at the bound and nothing ends before it
  };
  // `times`: which ban of this prefix it is, where somebody else knows (the store, the fleet); else it is counted here.
  Outcome add(const Prefix& prefix, std::optional<Instant> until, std::string_view reason, Instant now,
              BanOrigin origin = BanOrigin::operator_, std::uint32_t times = 1);
  // True when exactly this prefix was banned. It was a mistake, or is forgiven: the next ban of it is the first again.
  bool lift(const Prefix& prefix);
  // From the store: `ban` as it was in a former life of the daemon. Where there is one of that prefix already, both become one.
  Outcome restore(const Ban& ban, Instant now);
  // From the store: a ban of `prefix`, its `times`-th, ended before we began.
  void remember(const Prefix& prefix, std::uint32_t times, Instant ended, Instant now);

  // Is `source` shut out at `now`? A ban holds up to, not including, its `until`.
  [[nodiscard]] bool is_banned(const Address& source, Instant now) const noexcept;
  [[nodiscard]] std::optional<Ban> find(const Address& source, Instant now) const;
  // The ban of exactly this prefix, whether it has ended or not.
  [[nodiscard]] std::optional<Ban> get(const Prefix& prefix) const;

  // Removes what has ended and returns it, so that the log can say so. At most kMaxExpiredAtOnce, so that
  // the end of an attack's bans is no stop: next_expiry() tells that there is more.
  std::vector<Ban> expire(Instant now);
  // When expire() has something to do next.
  [[nodiscard]] std::optional<Instant> next_expiry() const;

  // Takes the place of the list before. Bans that are there already stay, but hold for none of these.
  void set_never_ban(std::vector<Guarded> list);
  [[nodiscard]] const NeverBan& never_ban() const noexcept;

  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::uint64_t evicted() const noexcept;
  // Former offenders that are remembered.
  [[nodiscard]] std::size_t remembered() const noexcept;
  [[nodiscard]] std::vector<Ban> all() const;
  // The same in pieces, each found by looking at no more than `most` places: from 0 on, then from what the call before
  // returned, until kNoMore. What is added or lifted meanwhile is seen or not.
  static constexpr std::size_t kNoMore = SIZE_MAX;
  [[nodiscard]] std::size_t some(std::size_t from, std::size_t most, std::vector<Ban>& bans) const;

 private:
  struct Entries;
  std::unique_ptr<Entries> entries_;
};

}  // namespace reeve
