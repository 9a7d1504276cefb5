#include "defence/firewall.h"

#include <netinet/in.h>

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

#include "record/daemon_log.h"
#include "sys/clock.h"
#include "sys/memory.h"

namespace reeve {

namespace {

constexpr std::size_t kManyBans = 10'000;  // what reading these took is not needed again soon

Prefix prefix_of_wire(const WirePrefix& wire) noexcept {
  return {Address(wire.address), wire.bits};
}

std::optional<Instant> end_of(const BanMessage& ban) noexcept {
  if (ban.until_ns == kForEverNs) return std::nullopt;
  return Instant(std::chrono::nanoseconds(ban.until_ns));
}

}  // namespace

Result<std::unique_ptr<Firewall>> Firewall::open(Terms terms, Tell tell) {
  auto session = NftSession::open();
  if (!session) return std::unexpected(std::move(session).error());
  auto generation = NftGeneration::open();
  if (!generation) return std::unexpected(std::move(generation).error());
  return std::unique_ptr<Firewall>(new Firewall(std::move(terms), std::move(tell), std::move(*session), std::move(*generation)));
}

Firewall::Firewall(Terms terms, Tell tell, NftSession session, NftGeneration generation)
    : terms_(std::move(terms)), tell_(std::move(tell)), session_(std::move(session)), generation_(std::move(generation)) {
  rules_.table = terms_.table;
  rules_.comment = terms_.comment;
  rules_.has_bans = terms_.bans;
  rules_.all_ports = terms_.all_ports;
}

// ---------------------------------------------------------------- what the engine tells

void Firewall::take(const ToFollower& message) {
  std::visit(
      [this](const auto& told) {
        using Message = std::decay_t<decltype(told)>;
        if constexpr (std::is_same_v<Message, BeginMessage>) {
          bans_.begin();
        } else if constexpr (std::is_same_v<Message, BanMessage>) {
          if (terms_.bans) bans_.put(prefix_of_wire(told.prefix), end_of(told));
        } else if constexpr (std::is_same_v<Message, LiftMessage>) {
          bans_.lift(prefix_of_wire(told.prefix));
        } else if constexpr (std::is_same_v<Message, EndOfBansMessage>) {
          bans_.end();
          has_bans_ = true;
        } else if constexpr (std::is_same_v<Message, GuardedMessage>) {
          if (told.first != 0) guarded_.clear();
          for (std::size_t each = 0; each < told.count; ++each) guarded_.push_back(prefix_of_wire(told.prefixes[each]));
          if (told.last == 0) return;
          rules_.guarded = std::exchange(guarded_, {});
          rules_wanted_ = has_guarded_ = true;
        } else if constexpr (std::is_same_v<Message, PortsMessage>) {
          take_ports(told);
        } else if constexpr (std::is_same_v<Message, WithdrawMessage>) {
          leaving_ = true;
        }
      },
      message);
}

void Firewall::take_ports(const PortsMessage& message) {
  if (message.first != 0) ports_ = NftRules();
  for (std::size_t each = 0; each < message.count; ++each) {
    const WirePort& port = message.ports[each];
    if (port.protocol == IPPROTO_TCP) ports_.tcp_ports.set(port.port);
    if (port.protocol == IPPROTO_UDP) ports_.udp_ports.set(port.port);
    if (port.is_sensor == 0) continue;
    if (port.v4 != 0) ports_.sensor_port4 = port.port;
    if (port.v6 != 0) ports_.sensor_port6 = port.port;
  }
  if (message.last == 0) return;
  rules_.tcp_ports = ports_.tcp_ports;
  rules_.udp_ports = ports_.udp_ports;
  rules_.sensor_port4 = ports_.sensor_port4;
  rules_.sensor_port6 = ports_.sensor_port6;
  rules_wanted_ = has_ports_ = true;
}

// ---------------------------------------------------------------- what is told

void Firewall::say(std::uint32_t level, const std::string& text) {
  SayMessage message;
  message.level = level;
  put_words(message.text, text);
  tell_(message);
}

void Firewall::state(std::string_view name, const std::string& text) {
  const auto found = std::ranges::find(told_states_, name, [](const auto& told) { return std::string_view(told.first); });
  if (found != told_states_.end()) {
    if (found->second == text) return;
    found->second = text;
  } else {
    told_states_.emplace_back(name, text);
  }
  StateMessage message;
  put_words(message.name, name);
  put_words(message.text, text);
  tell_(message);
}

void Firewall::tell_states() {
  state("firewall", trouble_.empty() ? (structure_.empty() ? "not yet in force" : "in force") : trouble_);
  state("firewall_table", "inet " + terms_.table);
  if (terms_.bans) {
    state("kernel_bans", std::to_string(bans_.size()));
    if (bans_.left_out() != 0) state("kernel_left_out", std::to_string(bans_.left_out()));
    state("kernel_drift", std::to_string(drift_));
    state("kernel_refused", std::to_string(refused_));
  }
}

void Firewall::fail(const Error& error, Instant now) {
  if (trouble_ != error.text()) say(static_cast<std::uint32_t>(Level::error), error.text() + "; it is tried again");
  trouble_ = error.text();
  not_before_ = now + kTryAgainAfter;
  read_wanted_ = rules_wanted_ = true;
}

void Firewall::succeed() {
  if (!trouble_.empty()) say(static_cast<std::uint32_t>(Level::notice), "the rules are in force again");
  trouble_.clear();
}

// ---------------------------------------------------------------- the kernel

// One transaction counts the generation up by one: if nobody else's came between, the new one is ours.
Result<void> Firewall::run(const std::string& commands) {
  if (commands.empty()) return {};
  const auto before = generation_.now();
  auto done = session_.run(commands);
  if (!done) return done;
  const auto after = generation_.now();
  const bool alone = before && after && known_generation_ == *before && *after == *before + 1;
  known_generation_ = alone ? std::optional(*after) : std::nullopt;
  return done;
}

void Firewall::read(Instant now) {
  const auto generation = generation_.now();
  auto text = session_.list_table(terms_.table);
  if (!text) return fail(text.error(), now);
  const bool was_whole = !structure_.empty();
  if (!*text) {
    bans_.all_anew(now);
    rules_wanted_ = true;
    if (was_whole) {
      drift_ += bans_.size() + 1;
      say(static_cast<std::uint32_t>(Level::warning), "somebody removed our table inet " + terms_.table + "; it is put back");
    }
  } else {
    const NftListing listing = parse_nft_listing(**text);
    const std::size_t elements = bans_.compare(listing, now, instant_now());
    refused_ = listing.refused;
    if (was_whole && elements != 0) {
      say(static_cast<std::uint32_t>(Level::warning),
          "" + std::to_string(elements) + " bans in the kernel were not as they should be; they are put right");
    }
    if (was_whole && listing.structure != structure_) {
      ++drift_;
      rules_wanted_ = true;
      say(static_cast<std::uint32_t>(Level::warning), "somebody changed our table inet " + terms_.table + "; it is put right");
    }
    if (was_whole) drift_ += elements;
  }
  if (generation) known_generation_ = *generation;
  read_wanted_ = false;
  bans_.expire(now);
  const Instant end = instant_now();
  next_read_ = end + kReadEvery;
  next_look_ = std::max(end + kLookEvery, end + (end - now) * kRestOfReading);
  if (bans_.size() > kManyBans) give_back_memory();
}

void Firewall::put_rules(Instant now) {
  rules_.ban_sets = bans_.sets();
  auto done = run(rules_.assertion());
  if (!done) {
    // Something of that name is there that is not ours: in its place, in one transaction.
    std::string commands = rules_.removal() + rules_.assertion();
    bans_.all_anew(now);
    while (bans_.has_changes()) commands += bans_.take(terms_.table, now);
    done = run(commands);
  }
  if (!done) return fail(done.error(), now);
  auto text = session_.list_table(terms_.table);
  if (!text || !*text) return fail(text ? Error{"nftables: the table is gone", 0} : text.error(), now);
  structure_ = parse_nft_listing(**text).structure;
  rules_wanted_ = false;
  succeed();
}

void Firewall::look(Instant now) {
  next_look_ = now + kLookEvery;
  const auto generation = generation_.now();
  if (!generation || known_generation_ != *generation || now >= next_read_) {
    read_wanted_ = true;
    return;
  }
  if (terms_.bans) {
    if (const auto refused = session_.list("list counter inet " + terms_.table + " refused"))
      refused_ = parse_nft_listing(*refused).refused;
  }
  if (rules_.sensor_port4 == 0 && rules_.sensor_port6 == 0) return;
  std::vector<NftListing::Touch> touches;
  for (const char* const set : {"touched4", "touched6"}) {
    const auto text = session_.list("list set inet " + terms_.table + " " + set);
    if (!text) return;
    const NftListing listing = parse_nft_listing(*text);
    touches.insert(touches.end(), listing.touches.begin(), listing.touches.end());
  }
  const TouchedPorts::News news = touched_.compare(touches);
  for (const NftListing::Touch& touch : news.touches) {
    TouchedMessage message;
    message.protocol = IPPROTO_UDP;
    message.source = to_wire(Endpoint{touch.source, 0});
    message.port = touch.port;
    tell_(message);
  }
  if (news.more != 0) {
    say(static_cast<std::uint32_t>(Level::warning),
        "" + std::to_string(news.more) + " more datagrams to unused ports, from addresses that may be forged");
  }
}

Instant Firewall::work(Instant now) {
  if (!is_told()) return Instant::max();
  if (now < not_before_) return not_before_;
  // A prefix of a length that was not there before: a set and a rule more.
  if (bans_.sets().size() != rules_.ban_sets.size()) rules_wanted_ = true;
  if (read_wanted_) read(now);
  if (!read_wanted_ && rules_wanted_) put_rules(now);
  if (!read_wanted_ && !rules_wanted_ && bans_.has_changes()) {
    const auto done = run(bans_.take(terms_.table, now));
    if (!done) fail(done.error(), now);
  }
  if (!read_wanted_ && now >= next_look_) look(now);
  tell_states();
  if (now < not_before_) return not_before_;
  return bans_.has_changes() || read_wanted_ || rules_wanted_ ? now : next_look_;
}

Result<void> Firewall::leave() {
  return session_.run(rules_.removal());
}

}  // namespace reeve
