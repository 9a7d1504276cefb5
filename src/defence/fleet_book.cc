#include "defence/fleet_book.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <limits>

namespace reeve {
namespace {

constexpr WallMs kForEver = std::numeric_limits<WallMs>::max();
constexpr std::chrono::hours kNodeForgotten{24};

WallMs wall_of(std::int64_t instant_ns, FleetTime now) noexcept {
  if (instant_ns == kForEverNs) return kForEver;
  return now.wall + (instant_ns - now.instant.time_since_epoch().count()) / 1'000'000;
}

Prefix prefix_of(const WirePrefix& wire) noexcept {
  return {Address(wire.address), wire.bits};
}

}  // namespace

std::size_t FleetBook::PrefixHash::operator()(const Prefix& prefix) const noexcept {
  std::uint64_t high = 0, low = 0;
  std::memcpy(&high, prefix.address.bytes().data(), sizeof high);
  std::memcpy(&low, prefix.address.bytes().data() + sizeof high, sizeof low);
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  std::uint64_t mixed = (high ^ (low * kOdd) ^ prefix.bits) * kOdd;
  mixed ^= mixed >> 32;
  return static_cast<std::size_t>(mixed * kOdd);
}

FleetBook::FleetBook(FleetRules rules) : rules_(std::move(rules)) {}

bool FleetBook::is_too_wide(const Prefix& prefix) const noexcept {
  return prefix.bits < (prefix.is_v4() ? 96 + rules_.widest_v4 : rules_.widest_v6);
}

bool FleetBook::is_guarded(const Prefix& prefix) const noexcept {
  return std::ranges::any_of(guarded_, [&](const Prefix& spared) { return spared.bits <= prefix.bits && spared.contains(prefix.address); });
}

void FleetBook::begin() {
  is_complete_ = false;
  for (auto& [prefix, own] : own_) own.stale = true;
}

void FleetBook::end() {
  is_complete_ = true;
  boost::unordered::erase_if(own_, [](const auto& each) { return each.second.stale; });
}

FleetBook::Shared FleetBook::told(const BanMessage& ban, FleetTime now) {
  const Prefix prefix = prefix_of(ban.prefix);
  const WallMs since = std::min(wall_of(ban.since_ns, now), now.wall), until = wall_of(ban.until_ns, now);
  const bool is_of_a_node = ban.origin == BanOrigin::fleet || (ban.origin == BanOrigin::store && ban.node[0] != '\0');
  const auto lift = lifts_.find(prefix);
  const bool was_lifted = lift != lifts_.end() && lift->second.said > since;  // the engine hears of it in a moment
  if (is_of_a_node && !was_lifted && (theirs_.size() < kMostTheirs || theirs_.contains(prefix))) {
    Theirs& known = theirs_[prefix];
    known.said = std::max(known.said, since);
    known.until = std::max(known.until, until);
  }
  if (is_of_a_node || ban.origin == BanOrigin::list) return Shared::not_ours;
  if (is_too_wide(prefix)) return Shared::too_wide;
  const auto found = own_.find(prefix);
  if (found == own_.end() && own_.size() >= kMostOwn) return Shared::no_room;
  Own& own = found == own_.end() ? own_[prefix] : found->second;
  const Instant ends{std::chrono::nanoseconds(ban.until_ns)};
  own.stale = false;
  own.hits = ban.hits;
  own.times = ban.times;
  if (own.said != 0 && own.ends == ends) return Shared::yes;
  // What was in force before this keeper was started is as old as it is; what happens now happens now.
  own.said = std::max(own.said, is_complete_ ? now.wall : since);
  if (is_complete_ && lift != lifts_.end()) own.said = std::max(own.said, lift->second.said + 1);
  own.origin = ban.origin == BanOrigin::store ? BanOrigin::sensor : ban.origin;
  own.ends = ends;
  own.since = since;
  own.until = until;
  own.stored_until = 0;
  own.reason = without_blanks_around(text_of(ban.reason));
  queue_ban(prefix, own);
  return Shared::yes;
}

FleetBook::Shared FleetBook::lifted(const LiftMessage& lift, FleetTime now) {
  const Prefix prefix = prefix_of(lift.prefix);
  if (lift.origin != BanOrigin::operator_) return Shared::not_ours;
  WallMs said = now.wall;
  if (const auto own = own_.find(prefix); own != own_.end()) {
    said = std::max(said, own->second.said);
    own_.erase(own);
  }
  if (const auto known = theirs_.find(prefix); known != theirs_.end()) {
    said = std::max(said, known->second.said);
    theirs_.erase(known);
  }
  if (is_too_wide(prefix)) return Shared::too_wide;
  if (!lifts_.contains(prefix) && lifts_.size() >= kMostLifts) return Shared::no_room;
  Lifted& entry = lifts_[prefix];
  entry.said = std::max(said, entry.said + 1);
  entry.until = entry.said + kLongest + kMostSkew;
  entry.is_ours = true;
  entry.stored = false;
  queue_lift(prefix, entry);
  return Shared::yes;
}

void FleetBook::queue_ban(const Prefix& prefix, Own& own) {
  if (own.queued) return;
  if (queue_.size() >= kMostUnsent) {
    was_dropped_ = true;
    return;
  }
  own.queued = true;
  queue_.push_back({prefix, false});
}

void FleetBook::queue_lift(const Prefix& prefix, Lifted& lift) {
  if (lift.queued) return;
  if (queue_.size() >= kMostUnsent) {
    was_dropped_ = true;
    return;
  }
  lift.queued = true;
  queue_.push_back({prefix, true});
}

bool FleetBook::is_wanted(const Own& own, FleetTime now) noexcept {
  return own.until > now.wall && (own.stored_until == 0 || (own.stored_until < own.until && own.stored_until - now.wall < kRenew));
}

void FleetBook::fill_queue(FleetTime now) {
  was_dropped_ = false;
  for (auto& [prefix, lift] : lifts_) {
    if (lift.is_ours && !lift.stored && lift.until > now.wall) queue_lift(prefix, lift);
  }
  for (auto& [prefix, own] : own_) {
    if (is_wanted(own, now)) queue_ban(prefix, own);
  }
}

FleetRecord FleetBook::record_of(const Prefix& prefix, const Own& own, FleetTime now) const {
  FleetRecord record;
  record.kind = FleetRecord::Kind::ban;
  record.node = rules_.node;
  record.prefix = prefix;
  record.origin = own.origin;
  record.said = own.said;
  record.since = std::min(own.since, own.said);
  record.until = std::max(std::min(own.until, now.wall + kLongest), own.said + 1);
  record.hits = own.hits;
  record.times = own.times;
  record.reason = own.reason;
  return record;
}

std::vector<FleetRecord> FleetBook::next_records(std::size_t most, FleetTime now) {
  if (queue_.empty() && was_dropped_) fill_queue(now);
  std::vector<FleetRecord> records;
  while (records.size() < most && !queue_.empty()) {
    const Waiting next = queue_.front();
    queue_.pop_front();
    if (next.is_lift) {
      const auto lift = lifts_.find(next.prefix);
      if (lift == lifts_.end()) continue;
      lift->second.queued = false;
      if (lift->second.stored || lift->second.until <= now.wall) continue;
      records.push_back({.kind = FleetRecord::Kind::lift,
                         .node = rules_.node,
                         .prefix = next.prefix,
                         .said = lift->second.said,
                         .until = lift->second.until});
    } else {
      const auto own = own_.find(next.prefix);
      if (own == own_.end()) continue;
      own->second.queued = false;
      if (is_wanted(own->second, now)) records.push_back(record_of(next.prefix, own->second, now));
    }
  }
  return records;
}

void FleetBook::sent(const FleetRecord& record) {
  if (record.kind == FleetRecord::Kind::lift) {
    const auto lift = lifts_.find(record.prefix);
    if (lift != lifts_.end() && lift->second.said == record.said) lift->second.stored = true;
    return;
  }
  const auto own = own_.find(record.prefix);
  // It may have changed since, and is queued again then.
  if (own != own_.end() && own->second.said == record.said) {
    own->second.stored_until = record.until;
    own->second.seen = true;
  }
}

void FleetBook::unsent(const FleetRecord& record) {
  if (record.kind == FleetRecord::Kind::lift) {
    const auto lift = lifts_.find(record.prefix);
    if (lift != lifts_.end()) queue_lift(record.prefix, lift->second);
    return;
  }
  const auto own = own_.find(record.prefix);
  if (own != own_.end()) queue_ban(record.prefix, own->second);
}

void FleetBook::begin_comparing(bool was_away) {
  if (was_away) {
    is_catching_up_ = true;
    for (auto& [name, node] : nodes_) node.catch_up = kMostCatchUp;
  }
  for (auto& [prefix, own] : own_) own.seen = false;
  for (auto& [prefix, lift] : lifts_) lift.seen = false;
}

void FleetBook::end_comparing(FleetTime now) {
  is_catching_up_ = false;
  for (auto& [prefix, lift] : lifts_) {
    if (lift.seen || lift.until <= now.wall || !lift.is_ours) continue;
    lift.stored = false;
    queue_lift(prefix, lift);
  }
  for (auto& [prefix, own] : own_) {
    if (!own.seen) own.stored_until = 0;
    if (is_wanted(own, now)) queue_ban(prefix, own);
  }
}

void FleetBook::forget_ended(FleetTime now) {
  boost::unordered::erase_if(own_, [&](const auto& each) { return each.second.until <= now.wall; });
  boost::unordered::erase_if(theirs_, [&](const auto& each) { return each.second.until <= now.wall; });
  boost::unordered::erase_if(lifts_, [&](const auto& each) { return each.second.until <= now.wall; });
  boost::unordered::erase_if(
      nodes_, [&](const auto& each) { return each.second.here_until <= now.wall && now.instant - each.second.heard > kNodeForgotten; });
  // Renewals come due by themselves.
  for (auto& [prefix, own] : own_) {
    if (own.stored_until != 0 && is_wanted(own, now)) queue_ban(prefix, own);
  }
}

FleetRecord FleetBook::here(FleetTime now, WallMs lasts) const {
  FleetRecord record;
  record.kind = FleetRecord::Kind::here;
  record.node = rules_.node;
  record.said = now.wall;
  record.until = now.wall + lasts;
  return record;
}

std::size_t FleetBook::peers(FleetTime now) const {
  return static_cast<std::size_t>(std::ranges::count_if(nodes_, [&](const auto& each) { return each.second.here_until > now.wall; }));
}

}  // namespace reeve
