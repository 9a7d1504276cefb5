#include "defence/fleet.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "defence/fleet_session.h"
#include "sys/clock.h"

namespace reeve {
namespace {

constexpr std::size_t kPublishBatch = 500;
constexpr std::chrono::seconds kFirstPause{1}, kSteady{30};
constexpr WallMs kHereLasts = 30'000;
constexpr std::size_t kMostAddresses = 4;

WallMs ms_of(Instant instant) noexcept {
  return instant.time_since_epoch() / std::chrono::milliseconds(1);
}

std::string date_of(WallMs wall) {
  const std::chrono::sys_seconds seconds{std::chrono::seconds(wall / 1000)};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(seconds - day);
  return fmt::format("{}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int{date.year()}, unsigned{date.month()}, unsigned{date.day()},
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace

std::string objection(std::span<const RedisReply> replies) {
  for (const RedisReply& reply : replies) {
    if (reply.value().is_error()) return "the server says: " + printable(reply.value().error(), 120);
  }
  return {};
}

Fleet::Fleet(Loop& loop, Resolver& resolver, FleetSettings settings, FleetKey key, FleetOutlet& outlet)
    : loop_(loop),
      resolver_(resolver),
      settings_(std::move(settings)),
      key_(std::move(key)),
      commands_(settings_.name),
      outlet_(outlet),
      book_(settings_.rules),
      jitter_(static_cast<std::minstd_rand::result_type>(instant_now().time_since_epoch().count())) {}

Fleet::~Fleet() = default;

Result<bool> Fleet::start() {
  auto waker = Waker::open();
  if (!waker) return std::unexpected(waker.error());
  waker_ = std::make_unique<Waker>(std::move(*waker));
  woken_ = std::make_unique<Watch>(loop_, waker_->fd());
  tell_figures();
  tell("fleet", "connecting");
  loop_.start(run());
  return true;
}

FleetTime Fleet::now() {
  return {instant_now(), wall_now().time_since_epoch() / std::chrono::milliseconds(1)};
}

WallMs Fleet::store_time(const Session& session) const {
  return ms_of(instant_now()) + session.ahead;
}

std::string Fleet::place() const {
  return settings_.path.empty() ? fmt::format("{} port {}", settings_.host, settings_.port) : settings_.path;
}

void Fleet::told(const BanMessage& ban) {
  note_shared(book_.told(ban, now()), ban.prefix);
}

void Fleet::end() {
  book_.end();
  if (waker_) waker_->wake();
}

void Fleet::lifted(const LiftMessage& lift) {
  note_shared(book_.lifted(lift, now()), lift.prefix);
}

void Fleet::note_shared(FleetBook::Shared shared, const WirePrefix& prefix) {
  const std::string who = to_text(Prefix{Address(prefix.address), prefix.bits});
  if (shared == FleetBook::Shared::yes && waker_ && book_.is_complete()) waker_->wake();
  if (shared == FleetBook::Shared::too_wide)
    outlet_.say(Level::notice, fmt::format("fleet {}: {} is wider than fleet_widest: it stays on this node", settings_.name, who));
  if (shared == FleetBook::Shared::no_room) refuse("this node", "there is no room for more to share");
}

// Until then, or until somebody has something for run().
Task<> Fleet::wait(Instant until) {
  const Wake wake = co_await woken_->readable(until);
  if (wake == Wake::ready) waker_->heard();
}

Task<> Fleet::run() {
  std::chrono::milliseconds pause = kFirstPause;
  for (;;) {
    while (!book_.is_complete()) {
      const Instant soon = instant_now() + kSteady;
      co_await wait(soon);
    }
    const Instant began = instant_now();
    auto session = std::make_shared<Session>(loop_);
    Outcome outcome = co_await open(session);
    if (outcome) {
      came(place());
      outcome = co_await serve(session);
    }
    session->is_over = true;
    went(outcome ? std::string("ended") : outcome.error().text());
    if (instant_now() - began > kSteady) pause = kFirstPause;
    // Three quarters to five quarters of it: not all nodes come back at once.
    const auto share = std::uniform_int_distribution<std::int64_t>(750, 1250)(jitter_);
    const Instant next = instant_now() + pause * share / 1000;
    pause = std::min<std::chrono::milliseconds>(pause * 2, kMostPause);
    while (instant_now() < next) {
      tell_figures();
      const Instant step = std::min(next, instant_now() + std::chrono::seconds(1));
      co_await loop_.sleep_until(step);
    }
  }
}

Task<Fleet::Outcome> Fleet::open(SessionRef session) {
  Outcome outcome = co_await open_link(session->commands);
  if (!outcome) co_return outcome;
  outcome = co_await open_link(session->reader);
  if (!outcome) co_return outcome;
  outcome = co_await greet(session);
  co_return outcome;
}

Task<Fleet::Outcome> Fleet::open_link(RedisLink& link) {
  Outcome outcome = failure(fmt::format("{} has no address", settings_.host));
  const Instant deadline = instant_now() + kAnswerWithin;
  if (!settings_.path.empty()) {
    outcome = co_await link.open_at_path(settings_.path, deadline);
  } else {
    std::vector<Address> addresses;
    if (const auto address = parse_address(settings_.host)) {
      addresses.push_back(*address);
    } else {
      const HostAddresses found = co_await resolver_.addresses_of(settings_.host);
      addresses = found.addresses;
    }
    if (addresses.size() > kMostAddresses) addresses.resize(kMostAddresses);
    for (const Address& address : addresses) {
      const Endpoint server{address, settings_.port};
      const Instant its_deadline = instant_now() + kAnswerWithin;
      outcome = co_await link.open_at(server, its_deadline);
      if (outcome) break;
    }
  }
  std::vector<RedisCommand> log_in = FleetCommands::log_in(settings_.user, settings_.password);
  if (!outcome || log_in.empty()) co_return outcome;
  const Instant answered = instant_now() + kAnswerWithin;
  const auto replies = co_await link.exchange(std::move(log_in), answered);
  if (!replies) {
    outcome = std::unexpected(replies.error());
  } else if (const std::string why = objection(*replies); !why.empty()) {
    outcome = failure(why);
  }
  co_return outcome;
}

// The clock, the script, and where the log stands: what comes behind it is followed, what is before it compared.
Task<Fleet::Outcome> Fleet::greet(SessionRef session) {
  Outcome outcome = true;
  std::vector<RedisCommand> commands{FleetCommands::time(), FleetCommands::load_script(), commands_.last_position()};
  const Instant deadline = instant_now() + kAnswerWithin;
  const auto replies = co_await session->commands.exchange(std::move(commands), deadline);
  if (!replies) {
    outcome = std::unexpected(replies.error());
    co_return outcome;
  }
  if (const std::string why = objection(*replies); !why.empty()) {
    outcome = failure(why);
    co_return outcome;
  }
  note_time(*session, (*replies)[0].value());
  session->script = (*replies)[1].value().text();
  const std::string_view last = (*replies)[2].value()[0][0].text();
  session->position = last.empty() ? "0-0" : std::string(last);
  co_return outcome;
}

Task<Fleet::Outcome> Fleet::serve(SessionRef session) {
  loop_.start(follow(session));
  for (;;) {
    Outcome outcome = true;
    const Instant at = instant_now();
    if (!session->failure.empty()) {
      outcome = failure(session->failure);
    } else if (at >= session->next_comparison) {
      outcome = co_await compare(session);
    } else if (at >= session->next_beat) {
      outcome = co_await beat(session);
    } else if (book_.queue_size() > 0) {
      outcome = co_await publish(session);
    } else {
      const Instant next = std::min(session->next_beat, session->next_comparison);
      co_await wait(next);
    }
    if (!outcome) co_return outcome;
  }
}

Task<Fleet::Outcome> Fleet::publish(SessionRef session) {
  Outcome outcome = true;
  const FleetTime time = now();
  const std::vector<FleetRecord> records = book_.next_records(kPublishBatch, time);
  if (records.empty()) co_return outcome;
  std::vector<RedisCommand> commands;
  for (const FleetRecord& record : records) {
    commands.push_back(
        commands_.publish(session->script, record, write_record(record, key_), std::max<WallMs>(record.until - time.wall, 1)));
  }
  const Instant deadline = time.instant + kAnswerWithin;
  const auto replies = co_await session->commands.exchange(std::move(commands), deadline);
  for (std::size_t each = 0; each < records.size(); ++each) {
    if (replies && !(*replies)[each].value().is_error()) {
      book_.sent(records[each]);
    } else {
      book_.unsent(records[each]);
    }
  }
  if (!replies) {
    outcome = std::unexpected(replies.error());
  } else if (const std::string why = objection(*replies); !why.empty()) {
    outcome = failure(why);
  }
  heard_ = instant_now();
  co_return outcome;
}

// We are here; who else is; what the store's clock says.
Task<Fleet::Outcome> Fleet::beat(SessionRef session) {
  Outcome outcome = true;
  const FleetTime time = now();
  const std::string announcement = write_record(book_.here(time, kHereLasts), key_);
  std::vector<RedisCommand> commands{FleetCommands::time(), commands_.announce(settings_.rules.node, announcement), commands_.nodes()};
  const Instant deadline = time.instant + kAnswerWithin;
  const auto replies = co_await session->commands.exchange(std::move(commands), deadline);
  if (!replies) {
    outcome = std::unexpected(replies.error());
    co_return outcome;
  }
  if (const std::string why = objection(*replies); !why.empty()) {
    outcome = failure(why);
    co_return outcome;
  }
  heard_ = instant_now();
  note_time(*session, (*replies)[0].value());
  // Our entry was there and is new again: somebody has emptied the store.
  const bool is_new = (*replies)[1].value().number() == 1;
  if (is_new && session->is_announced) session->next_comparison = heard_;
  session->is_announced = true;
  std::vector<std::string> stale;
  note_nodes((*replies)[2].value(), stale);
  if (!stale.empty()) {
    std::vector<RedisCommand> cleaning{commands_.forget_nodes(stale)};
    const Instant cleaned = instant_now() + kAnswerWithin;
    const auto answer = co_await session->commands.exchange(std::move(cleaning), cleaned);
    if (!answer) {
      outcome = std::unexpected(answer.error());
      co_return outcome;
    }
  }
  book_.forget_ended(now());
  tell_figures();
  session->next_beat = instant_now() + settings_.heartbeat;
  co_return outcome;
}

void Fleet::note_time(Session& session, const RedisValue& answer) {
  if (const std::int64_t theirs = read_time(answer); theirs != 0) session.ahead = theirs - ms_of(instant_now());
}

void Fleet::note_nodes(const RedisValue& answer, std::vector<std::string>& stale) {
  constexpr std::size_t kMostCleaned = 100;
  constexpr WallMs kKept = 3'600'000;
  const FleetTime time = now();
  for (std::size_t each = 0; each + 1 < answer.size(); each += 2) {
    const ReadRecord read = read_record(answer[each + 1].text(), key_);
    const bool is_right =
        read.fault == RecordFault::none && read.record.kind == FleetRecord::Kind::here && read.record.node == answer[each].text();
    if (is_right) {
      const FleetBook::Taken taken = book_.take(read.record, std::nullopt, time);
      if (const auto* const refused = std::get_if<FleetBook::Refused>(&taken)) refuse(read.record.node, refused->why);
    }
    if ((!is_right || read.record.until + kKept < time.wall) && stale.size() < kMostCleaned) stale.emplace_back(answer[each].text());
  }
}

void Fleet::came(std::string_view place) {
  is_connected_ = true;
  heard_ = instant_now();
  outlet_.say(Level::notice, fmt::format("fleet {}: connected to the store at {}", settings_.name, place));
  tell("fleet", "connected");
  was_said_ = false;
}

void Fleet::went(const std::string& why) {
  if (is_connected_ || away_since_ == 0) away_since_ = now().wall;
  is_connected_ = false;
  tell("fleet", fmt::format("away since {}: {}", date_of(away_since_), why));
  tell_figures();
  if (std::exchange(was_said_, true)) return;
  outlet_.say(Level::warning, fmt::format("fleet {}: the store at {} is away ({}): this node goes on alone", settings_.name, place(), why));
}

void Fleet::refuse(std::string_view node, std::string_view why) {
  ++refused_;
  const Instant at = instant_now();
  Instant& quiet = quiet_until_[why];
  if (at < quiet) return;
  quiet = at + std::chrono::minutes(1);
  outlet_.say(Level::warning,
              fmt::format("fleet {}: refused a record of {}: {} ({} refused so far)", settings_.name, printable(node, 64), why, refused_));
}

void Fleet::tell(std::string_view name, std::string text) {
  const auto found = told_.find(name);
  if (found != told_.end() && found->second == text) return;
  outlet_.state(name, text);
  told_.insert_or_assign(std::string(name), std::move(text));
}

void Fleet::tell_figures() {
  const FleetTime time = now();
  const WallMs silence = heard_ == Instant{} ? 0 : ms_of(time.instant) - ms_of(heard_);
  tell("fleet_lag_ms", fmt::to_string(is_connected_ ? lag_ : silence));
  tell("fleet_peers", fmt::to_string(is_connected_ ? book_.peers(time) : 0));
  tell("fleet_queue", fmt::to_string(book_.queue_size()));
  tell("fleet_refused", fmt::to_string(refused_));
}

}  // namespace reeve
