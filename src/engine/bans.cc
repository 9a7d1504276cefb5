#include "engine/bans.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "config/defence.h"
#include "policy/sensor.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// When the end of bans is announced: not oftener than that, and not later although a shorter ban came in
// meanwhile. Their effect ends exactly, whenever that is.
constexpr std::chrono::seconds kSweepLeast{1}, kSweepMost{10};

std::string span_of(const Ban& ban, Instant now) {
  if (!ban.until) return "ever";
  const auto left = std::chrono::round<std::chrono::seconds>(*ban.until - now);
  if (left % std::chrono::minutes(1) != std::chrono::seconds(0)) return std::to_string(left.count()) + " seconds";
  return std::to_string(std::chrono::floor<std::chrono::minutes>(left).count()) + " minutes";
}

// Lists are long: nobody hears of each of their bans. One that lasts longer than a sensor's has taken its place.
bool is_of_list(const Ban& ban) noexcept {
  return ban.origin == BanOrigin::list;
}

}  // namespace

Bans::Bans(Loop& loop, BanTable& table, Journal& journal, MonitorLink& monitor, MonitorAnswers& waiting,
           std::optional<LocalNetworkSource> network)
    : loop_(loop),
      table_(table),
      journal_(journal),
      monitor_(monitor),
      followers_(loop, table, journal),
      answers_(waiting),
      network_(loop, journal, std::move(network)) {
  network_.start([this] { guard_all(); });
  followers_.start([this](FollowerKind kind, const FromFollower& message) { hear(kind, message); });
}

void Bans::guard(ConfigurationRef configuration) {
  configuration_ = std::move(configuration);
  table_.set_terms(configuration_->defence->bans);
  wants_events_ = !configuration_->defence->alerts.sinks.empty();
  if (std::exchange(keeper_is_not_to_be_, false)) asked_for_keeper_ = false;  // perhaps by these terms
  network_.look(instant_now());
  guard_all();
}

void Bans::guard_all() {
  if (!configuration_) return;
  LocalNetwork local = network_.network();
  local.operators = operators_.addresses();
  table_.set_never_ban(guarded(*configuration_, local));
  std::vector<Prefix> never;
  for (const Guarded& one : table_.never_ban().list()) never.push_back(one.prefix);
  followers_.guard(std::move(never));
}

void Bans::note_operator(const Address& address, Instant now) {
  if (operators_.note(address, now)) guard_all();
  if (std::exchange(watching_operators_, true)) return;
  loop_.start(watch_operators());
}

void Bans::forget_operator(const Address& address) {
  if (operators_.forget(address)) guard_all();
}

Task<> Bans::watch_operators() {
  for (auto end = operators_.next_end(); end; end = operators_.next_end()) {
    const Instant when = *end;
    co_await loop_.sleep_until(when);
    if (operators_.expire(instant_now())) guard_all();
  }
  watching_operators_ = false;
}

void Bans::note_spared(std::string_view who, const Address& source, std::string_view why, Instant now) {
  if (now - spared_minute_ >= std::chrono::minutes(1)) {
    spared_minute_ = now;
    spared_ = 0;
  }
  if (spared_ >= kMostSparedPerMinute) return;
  std::string text = std::string(who) + " " + to_text(source) + ", " + std::string(why) + ": not banned";
  if (++spared_ == kMostSparedPerMinute) text += " (of others nothing is said for up to a minute)";
  journal_.say(Level::warning, wall_now(), text);
}

// ---------------------------------------------------------------- who says so

void Bans::spring(const Service& sensor, const Endpoint& source, const std::optional<Endpoint>& local, Instant now) {
  const Cause cause{.source = source, .local = local, .service = sensor.id, .protocol = sensor.protocol};
  network_.look_if_old(now);
  const auto [touched, prefix, why] =
      reeve::spring(table_, sensor, source.address, local ? std::optional(local->address) : std::nullopt, now);
  const auto ban = table_.get(prefix);
  switch (touched) {
    case Touch::harmless:
      raise(DefenceEvent::touched, {.prefix = prefix, .since = now, .until = now, .reason = {}}, BanOrigin::sensor, cause);
      return;
    case Touch::banned:
      journal_.say(Level::critical, wall_now(), "Adding " + to_text(prefix) + " to the global_no_access list for " + span_of(*ban, now));
      break;
    case Touch::banned_again:
      break;
    case Touch::spared:
      note_spared("sensor " + std::string(sensor.id) + " was touched by", source.address, why, now);
      raise(DefenceEvent::spared, {.prefix = prefix, .since = now, .until = now, .reason = {}}, BanOrigin::sensor, cause);
      return;
    case Touch::table_full:
      if (!std::exchange(said_full_, true))
        journal_.say(Level::error, wall_now(), "the list of bans is full: " + to_text(source.address) + " was not added; said once");
      raise(DefenceEvent::table_full, {.prefix = prefix, .since = now, .until = now, .reason = {}}, BanOrigin::sensor, cause);
      return;
  }
  tell(prefix, BanOrigin::sensor, {});
  if (ban) raise(touched == Touch::banned ? DefenceEvent::banned : DefenceEvent::extended, *ban, BanOrigin::sensor, cause);
  schedule();
}

void Bans::heard(const Service& sensor, const Endpoint& source, const std::optional<Endpoint>& local, std::string_view said, Instant now) {
  const auto ban = table_.find(source.address, now);
  raise(DefenceEvent::touched, ban ? *ban : Ban{.prefix = Prefix::host(source.address), .since = now, .until = now, .reason = {}},
        BanOrigin::sensor, {.source = source, .local = local, .service = sensor.id, .protocol = sensor.protocol, .detail = said});
}

void Bans::punish(const Service& service, const Endpoint& source, const Penalty& penalty, Instant now) {
  const Cause cause{.source = source, .local = {}, .service = service.id, .protocol = service.protocol};
  const std::string reason = penalty.sentence.reason();
  network_.look_if_old(now);
  const auto outcome = table_.add(penalty.prefix, penalty.until, reason, now, BanOrigin::penalty);
  const auto ban = table_.get(penalty.prefix);
  if (outcome == BanTable::Outcome::full) {
    if (!std::exchange(said_full_, true))
      journal_.say(Level::error, wall_now(), "the list of bans is full: " + to_text(penalty.prefix) + " was not added; said once");
    raise(DefenceEvent::table_full, {.prefix = penalty.prefix, .since = now, .until = now, .reason = reason}, BanOrigin::penalty, cause);
    return;
  }
  if (!ban || outcome == BanTable::Outcome::never_ban) return;
  journal_.say(Level::critical, wall_now(),
               "Adding " + to_text(penalty.prefix) + " to the global_no_access list for " + span_of(*ban, now) + ": " + reason);
  tell(penalty.prefix, BanOrigin::penalty, {});
  raise(outcome == BanTable::Outcome::added ? DefenceEvent::banned : DefenceEvent::extended, *ban, BanOrigin::penalty, cause);
  schedule();
}

Bans::Done Bans::ban(const Order& order, Instant now) {
  Done done;
  network_.look_if_old(now);
  done.outcome = table_.add(order.prefix, order.until, order.reason, now, order.origin, order.times);
  if (done.outcome == BanTable::Outcome::added || done.outcome == BanTable::Outcome::extended) {
    tell(order.prefix, order.origin, order.node);
    // What others decided was their alert.
    if (order.origin == BanOrigin::operator_ || order.origin == BanOrigin::penalty) {
      const bool is_new = done.outcome == BanTable::Outcome::added;
      if (const auto ban = table_.get(order.prefix)) raise(is_new ? DefenceEvent::banned : DefenceEvent::extended, *ban, order.origin, {});
    }
  }
  done.number = number_;
  schedule();
  return done;
}

bool Bans::lift(const Prefix& prefix, BanOrigin origin, Instant now) {
  const auto ban = table_.get(prefix);
  if (!ban || !table_.lift(prefix)) return false;
  LiftMessage message;
  message.origin = origin;
  message.prefix = to_wire(prefix);
  message.number = ++number_;
  followers_.set_last_number(number_);
  followers_.tell(message);
  Ban lifted = *ban;
  lifted.until = now;
  if (!is_of_list(lifted)) raise(DefenceEvent::lifted, lifted, origin, {});
  return true;
}

// ---------------------------------------------------------------- who hears of it

void Bans::tell(const Prefix& prefix, BanOrigin origin, std::string_view node) {
  const auto ban = table_.get(prefix);
  if (!ban) return;
  ++number_;
  followers_.set_last_number(number_);
  if (!followers_.has(FollowerKind::keeper) && !std::exchange(asked_for_keeper_, true)) monitor_.send(WantKeeperMessage{}, {});
  BanMessage message = to_message(*ban, number_);
  message.origin = origin;
  put_words(message.node, node);
  followers_.tell(message);
}

void Bans::raise(DefenceEvent what, const Ban& ban, BanOrigin origin, const Cause& cause) {
  if (!wants_events_) return;
  EventMessage event;
  event.what = what;
  event.origin = origin;
  event.hits = ban.hits;
  event.prefix = to_wire(ban.prefix);
  if (cause.source) event.source = to_wire(*cause.source);
  if (cause.local) event.local = to_wire(*cause.local);
  event.at_ns = instant_now().time_since_epoch().count();
  event.until_ns = ban.until ? ban.until->time_since_epoch().count() : kForEverNs;
  put_words(event.service, cause.service);
  put_words(event.reason, ban.reason);
  event.protocol = cause.protocol;
  event.detail_size = static_cast<std::uint32_t>(cause.detail.copy(event.detail.data(), event.detail.size()));
  (void)followers_.tell_one(FollowerKind::keeper, event);
}

// ---------------------------------------------------------------- followers

void Bans::take(const FollowerMessage& message, std::vector<UniqueFd> descriptors) {
  followers_.take(message, std::move(descriptors));
  if (message.kind == FollowerKind::keeper) {
    durable_ = false;
    has_answered_ = false;
    keeper_is_not_to_be_ = message.runs == 0;
    if (keeper_is_not_to_be_) answers_.never_kept();
    awaits_store_ = !heard_store_ && followers_.has(FollowerKind::keeper);
    if (!awaits_store_) serve_now();
  } else if (message.runs != 0 && !awaits_store_) {
    // Not before it is known who is banned: it would take out of the kernel who is.
    followers_.tell_all(message.kind);
  }
}

Bans::Keeping Bans::keeping() const noexcept {
  if (followers_.has(FollowerKind::keeper)) return durable_ ? Keeping::yes : has_answered_ ? Keeping::no : Keeping::coming;
  return asked_for_keeper_ && !keeper_is_not_to_be_ ? Keeping::coming : Keeping::no;
}

void Bans::serve_now() {
  awaits_store_ = false;
  followers_.tell_all(FollowerKind::firewall);
  if (loaded_) std::exchange(loaded_, nullptr)();
}

void Bans::hear(FollowerKind kind, const FromFollower& message) {
  const Instant now = instant_now();
  if (const auto* ban = std::get_if<BanMessage>(&message)) {
    if (ban->kept != 0) {
      if (!heard_store_) take_over(*ban, now);
    } else {
      propose(*ban, now);
    }
  } else if (const auto* lifted = std::get_if<LiftMessage>(&message)) {
    // A list ends its own bans only.
    const auto held = table_.get(from_wire(lifted->prefix));
    if (held && (lifted->origin != BanOrigin::list || is_of_list(*held))) (void)lift(held->prefix, lifted->origin, now);
  } else if (const auto* loaded = std::get_if<LoadedMessage>(&message)) {
    durable_ = loaded->durable != 0;
    if (taken_over_ != 0)
      journal_.say(Level::notice, wall_now(), std::to_string(std::exchange(taken_over_, 0)) + " bans taken over from the store");
    // A store that can't be used now may still be heard later.
    if (durable_) heard_store_ = true;
    if (durable_ || !followers_.follows(kind)) followers_.tell_all(kind);
    has_answered_ = true;
    if (!durable_) answers_.never_kept();
    serve_now();
  } else if (const auto* former = std::get_if<OffenderMessage>(&message)) {
    table_.remember(from_wire(former->prefix), former->times, Instant(std::chrono::nanoseconds(former->ended_ns)), now);
  } else if (const auto* kept = std::get_if<KeptMessage>(&message)) {
    kept_ = std::max(kept_, kept->number);
    answers_.kept(kept_);
  } else if (const auto* answer = std::get_if<AnswerMessage>(&message)) {
    answers_.take(*answer);
  } else if (const auto* touched = std::get_if<TouchedMessage>(&message)) {
    if (touched_) touched_(*touched);
  }
}

void Bans::take_over(const BanMessage& message, Instant now) {
  const auto until = until_of(message.until_ns);
  if (until && *until <= now) return;
  const auto outcome = table_.restore({.prefix = from_wire(message.prefix),
                                       .since = Instant(std::chrono::nanoseconds(message.since_ns)),
                                       .until = until,
                                       .reason = std::string(text_of(message.reason)),
                                       .origin = message.origin,
                                       .hits = message.hits,
                                       .times = message.times},
                                      now);
  if (outcome == BanTable::Outcome::added) ++taken_over_;
  schedule();
}

void Bans::propose(const BanMessage& message, Instant now) {
  const auto until = until_of(message.until_ns);
  if (until && *until <= now) return;
  (void)ban({.prefix = from_wire(message.prefix),
             .until = until,
             .reason = text_of(message.reason),
             .origin = message.origin,
             .node = text_of(message.node),
             .times = message.times},
            now);
}

// ---------------------------------------------------------------- the end of bans

void Bans::schedule() {
  if (watching_ || !table_.next_expiry()) return;
  watching_ = true;
  loop_.start(watch_expiry());
}

Task<> Bans::watch_expiry() {
  while (table_.next_expiry()) {
    const Instant now = instant_now();
    const Instant next = std::clamp(*table_.next_expiry(), now + kSweepLeast, now + kSweepMost);
    co_await loop_.sleep_until(next);
    const std::vector<Ban> ended = table_.expire(instant_now());
    if (std::ranges::all_of(ended, is_of_list)) continue;
    for (const Ban& ban : ended) {
      if (is_of_list(ban)) continue;
      journal_.say(Level::notice, wall_now(), "Removing " + to_text(ban.prefix) + " from the global_no_access list");
      raise(DefenceEvent::ended, ban, ban.origin, {});
    }
    journal_.say(Level::notice, wall_now(), table_.size() == 0 ? "global_no_access list is empty" : "global_no_access list updated");
  }
  watching_ = false;
}

}  // namespace reeve
