#include "engine/followers.h"

#include <algorithm>
#include <utility>

#include "base/printable.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::size_t kBansAtOnce = 512;
constexpr std::chrono::seconds kPatience{60};  // with a follower that takes nothing while it is told everything
constexpr std::chrono::milliseconds kCatchUp{100};

}  // namespace

std::string_view to_text(FollowerKind kind) noexcept {
  return kind == FollowerKind::keeper ? "keeper" : "firewall";
}

std::optional<Instant> until_of(std::int64_t until_ns) noexcept {
  return until_ns == kForEverNs ? std::nullopt : std::optional(Instant(std::chrono::nanoseconds(until_ns)));
}

BanMessage to_message(const Ban& ban, std::uint64_t number) noexcept {
  BanMessage message;
  message.origin = ban.origin;
  message.prefix = to_wire(ban.prefix);
  message.times = std::max<std::uint32_t>(ban.times, 1);
  message.hits = std::max<std::uint32_t>(ban.hits, 1);
  message.since_ns = ban.since.time_since_epoch().count();
  message.until_ns = ban.until ? std::max(ban.until->time_since_epoch().count(), message.since_ns + 1) : kForEverNs;
  message.number = number;
  put_words(message.reason, ban.reason);
  return message;
}

void Followers::take(const FollowerMessage& message, std::vector<UniqueFd> descriptors) {
  // Nobody follows it. (Another firewall finds the rules of the one before, and goes on with them.)
  if (message.kind == FollowerKind::firewall && message.runs == 0) withdraw();
  drop(message.kind);
  if (message.runs == 0 || descriptors.empty()) return;
  Side& its = side(message.kind);
  its.link = std::make_shared<DatagramLink>(loop_, std::move(descriptors.front()), kMaxDefenceMessageBytes);
  const FollowerKind kind = message.kind;
  its.link->start([this, kind](std::span<const std::byte> datagram) { receive(kind, datagram); }, [this, kind] { drop(kind); });
}

void Followers::drop(FollowerKind kind) {
  Side& its = side(kind);
  if (its.link) its.link->close();
  its = {};
}

void Followers::tell_all(FollowerKind kind) {
  Side& its = side(kind);
  if (!its.link) return;
  its.follows = true;
  if (its.telling) {
    its.behind = true;  // once more, from the beginning
    return;
  }
  loop_.start(tell_everything(kind, its.link));
}

void Followers::send(FollowerKind kind, std::span<const std::byte> bytes) {
  Side& its = side(kind);
  if (!its.follows || !its.link || its.link->send(bytes)) return;
  its.behind = true;
  if (!its.telling) loop_.start(tell_everything(kind, its.link));
}

bool Followers::tell_guarded(DatagramLink& link) const {
  GuardedMessage message;
  message.first = 1;
  std::size_t told = 0;
  do {
    message.count = static_cast<std::uint32_t>(std::min(never_.size() - told, kMaxGuardedPerMessage));
    message.prefixes = {};
    for (std::uint32_t each = 0; each < message.count; ++each) message.prefixes[each] = to_wire(never_[told + each]);
    told += message.count;
    message.last = told == never_.size() ? 1 : 0;
    if (!link.send(as_bytes(message))) return false;
    message.first = 0;
  } while (told < never_.size());
  return true;
}

void Followers::guard(std::vector<Prefix> never) {
  never_ = std::move(never);
  for (Side& its : sides_) {
    if (its.follows && its.link && !tell_guarded(*its.link)) its.behind = true;
  }
}

bool Followers::tell_ports(DatagramLink& link) const {
  if (!ports_) return true;
  PortsMessage message;
  message.first = 1;
  std::size_t told = 0;
  do {
    message.count = static_cast<std::uint32_t>(std::min(ports_->size() - told, kMaxPortsPerMessage));
    message.ports = {};
    std::copy_n(ports_->begin() + static_cast<std::ptrdiff_t>(told), message.count, message.ports.begin());
    told += message.count;
    message.last = told == ports_->size() ? 1 : 0;
    if (!link.send(as_bytes(message))) return false;
    message.first = 0;
  } while (told < ports_->size());
  return true;
}

void Followers::serve(std::vector<WirePort> ports) {
  ports_ = std::move(ports);
  Side& firewall = side(FollowerKind::firewall);
  if (firewall.follows && firewall.link && !tell_ports(*firewall.link)) firewall.behind = true;
}

void Followers::withdraw() {
  Side& firewall = side(FollowerKind::firewall);
  if (firewall.link) firewall.link->send_last(as_bytes(WithdrawMessage{}));
}

// Begin, what is in force, End. What changes meanwhile is told between them: a follower takes the last word on a prefix.
Task<bool> Followers::tell_bans(std::shared_ptr<DatagramLink> link) {
  if (!tell_guarded(*link) || !link->send(as_bytes(BeginMessage{}))) co_return false;
  std::vector<Ban> some;
  for (std::size_t next = 0; next != BanTable::kNoMore;) {
    some.clear();
    next = bans_.some(next, kBansAtOnce, some);
    const Instant now = instant_now();
    for (const Ban& ban : some) {
      if (ban.until && *ban.until <= now) continue;
      const BanMessage message = to_message(ban, last_number_);
      if (!link->send(as_bytes(message))) co_return false;
    }
    const Instant deadline = now + kPatience;
    co_await link->room(deadline);
    if (link->is_gone()) co_return true;
    const Instant at_once{};
    co_await loop_.sleep_until(at_once);
  }
  EndOfBansMessage end;
  end.number = last_number_;
  co_return link->send(as_bytes(end));
}

Task<> Followers::tell_everything(FollowerKind kind, std::shared_ptr<DatagramLink> link) {
  side(kind).telling = true;
  for (;;) {
    const Instant deadline = instant_now() + kPatience;
    co_await link->room(deadline);
    if (side(kind).link != link) co_return;
    side(kind).behind = false;
    std::shared_ptr<DatagramLink> its_link = link;
    bool told = co_await tell_bans(std::move(its_link));
    if (side(kind).link != link) co_return;
    if (kind == FollowerKind::firewall && !tell_ports(*link)) told = false;
    if (told && !side(kind).behind) break;
    const Instant later = instant_now() + kCatchUp;
    co_await loop_.sleep_until(later);
    if (side(kind).link != link) co_return;
  }
  side(kind).telling = false;
}

void Followers::receive(FollowerKind kind, std::span<const std::byte> datagram) {
  const auto message = decode_from_follower(datagram);
  if (!message) {
    journal_.say(Level::critical, wall_now(),
                 "the " + std::string(to_text(kind)) + " sends nonsense (" + message.error().text() + "): it is not heard any more");
    return drop(kind);
  }
  if (const auto* said = std::get_if<SayMessage>(&*message)) return say(kind, *said);
  if (const auto* state = std::get_if<StateMessage>(&*message)) {
    auto& states = side(kind).states;
    const std::string name(text_of(state->name));
    if (states.size() < kMaxStates || states.contains(name)) states[name] = text_of(state->text);
    return;
  }
  receive_(kind, *message);
}

void Followers::say(FollowerKind kind, const SayMessage& message) {
  const Instant now = instant_now();
  if (now - minute_began_ >= std::chrono::minutes(1)) {
    minute_began_ = now;
    said_ = 0;
  }
  if (++said_ > kSaysPerMinute) return;
  const std::string text = printable(text_of(message.text), message.text.size());
  journal_.say(static_cast<Level>(message.level), wall_now(), std::string(to_text(kind)) + ": " + text);
}

}  // namespace reeve
