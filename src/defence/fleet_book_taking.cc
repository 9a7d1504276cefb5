// What is made of the store's records: see fleet_book.h.
#include <algorithm>
#include <chrono>

#include "defence/fleet_book.h"

namespace reeve {
namespace {

// Two clocks of one machine don't step together.
constexpr WallMs kSame = 1000;

}  // namespace

FleetBook::Node* FleetBook::node_of(const std::string& name, FleetTime now) {
  const auto found = nodes_.find(name);
  if (found == nodes_.end() && nodes_.size() >= kMostNodes) return nullptr;
  Node& node = found == nodes_.end() ? nodes_[name] : found->second;
  node.heard = now.instant;
  return &node;
}

bool FleetBook::has_room(Node& node, FleetTime now) const {
  constexpr std::chrono::minutes kMinute{1};
  if (node.budget.has_room(rules_.most_per_minute, kMinute, now.instant)) {
    node.budget.book(rules_.most_per_minute, kMinute, now.instant);
    return true;
  }
  if (!is_catching_up_ || node.catch_up == 0) return false;
  --node.catch_up;
  return true;
}

FleetBook::Taken FleetBook::take(const FleetRecord& record, std::optional<WallMs> left, FleetTime now) {
  if (record.said > now.wall + kMostSkew) return Refused{"made in the future: do the clocks agree?"};
  if (record.until <= now.wall) return Nothing{};
  if (record.kind == FleetRecord::Kind::here) {
    if (record.node == rules_.node) return Nothing{};
    Node* const node = node_of(record.node, now);
    if (node == nullptr) return Refused{"of one node too many"};
    node->here_until = record.until;
    return Nothing{};
  }
  const WallMs slack = record.kind == FleetRecord::Kind::lift ? 2 * kMostSkew : kMostSkew;
  if (record.until > now.wall + kLongest + slack) return Refused{"longer than a record may last"};
  if (is_too_wide(record.prefix)) return Refused{"wider than fleet_widest"};
  return record.kind == FleetRecord::Kind::lift ? take_lift(record, now) : take_ban(record, left, now);
}

void FleetBook::see_own(const FleetRecord& record, Own& own, FleetTime now) {
  own.seen = true;
  if (record.said < own.said) return;  // what is there now is queued already
  // The store remembers better when that was: this keeper may have been started since.
  own.said = record.said;
  if (own.until <= record.until + kSame && record.until <= own.until + kSame) own.until = record.until;
  own.stored_until = record.until;
  if (is_wanted(own, now)) queue_ban(record.prefix, own);
}

FleetBook::Taken FleetBook::take_ban(const FleetRecord& record, std::optional<WallMs> left, FleetTime now) {
  const auto lift = lifts_.find(record.prefix);
  if (lift != lifts_.end() && lift->second.said >= record.said) return Nothing{};
  const auto own = own_.find(record.prefix);
  if (record.node == rules_.node && own != own_.end()) {
    see_own(record, own->second, now);
    return Nothing{};
  }
  const auto known = theirs_.find(record.prefix);
  if (known != theirs_.end() && known->second.until + kSame >= record.until) {
    known->second.said = std::max(known->second.said, record.said);
    return Nothing{};
  }
  if (own != own_.end() && own->second.until >= record.until) return Nothing{};
  const WallMs by_date = record.until - now.wall;
  const WallMs lasts = std::min(by_date, left.value_or(by_date));
  if (lasts <= 0) return Nothing{};
  if (is_guarded(record.prefix)) return Refused{"of somebody who is never banned here"};
  if (known == theirs_.end() && theirs_.size() >= kMostTheirs) return Refused{"more than this node keeps"};
  Node* const node = node_of(record.node, now);
  if (node == nullptr) return Refused{"of one node too many"};
  if (!has_room(*node, now)) return Later{};
  Theirs& entry = theirs_[record.prefix];
  entry.said = std::max(entry.said, record.said);
  entry.until = record.until;

  using std::chrono::milliseconds;
  BanMessage ban;
  ban.origin = BanOrigin::fleet;
  ban.prefix = to_wire(record.prefix);
  ban.hits = record.hits;
  ban.times = record.times;
  const WallMs age = std::clamp<WallMs>(now.wall - record.since, 0, now.instant.time_since_epoch() / milliseconds(1));
  ban.since_ns = (now.instant - milliseconds(age)).time_since_epoch().count();
  ban.until_ns = (now.instant + milliseconds(lasts)).time_since_epoch().count();
  // The table keeps no node: who looks at it sees there whose ban it is.
  put_words(ban.reason, record.reason.empty() ? record.node : record.node + ": " + record.reason);
  put_words(ban.node, record.node);
  return ban;
}

FleetBook::Taken FleetBook::take_lift(const FleetRecord& record, FleetTime now) {
  const auto found = lifts_.find(record.prefix);
  if (found != lifts_.end() && found->second.said >= record.said) {
    if (found->second.said == record.said) found->second.seen = true;
    return Nothing{};
  }
  const bool is_ours = record.node == rules_.node;
  if (found == lifts_.end() && lifts_.size() >= kMostLifts) return Refused{"more lifts than this node keeps"};
  if (!is_ours) {
    Node* const node = node_of(record.node, now);
    if (node == nullptr) return Refused{"of one node too many"};
    if (!has_room(*node, now)) return Later{};
  }
  Lifted& entry = lifts_[record.prefix];
  entry.said = record.said;
  entry.until = record.until;
  entry.is_ours = is_ours;
  entry.stored = entry.seen = true;
  bool ends_a_ban = false;
  const auto own = own_.find(record.prefix);
  if (own != own_.end() && own->second.said <= record.said) {
    own_.erase(own);
    ends_a_ban = true;
  }
  const auto known = theirs_.find(record.prefix);
  if (known != theirs_.end() && known->second.said <= record.said) {
    theirs_.erase(known);
    ends_a_ban = true;
  }
  if (!ends_a_ban) return Nothing{};
  LiftMessage lift;
  lift.origin = BanOrigin::fleet;
  lift.prefix = to_wire(record.prefix);
  return lift;
}

}  // namespace reeve
