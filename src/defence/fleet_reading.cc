// What a fleet reads from its store: all of it, and then the log. See fleet.h.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "defence/fleet.h"
#include "defence/fleet_session.h"
#include "sys/clock.h"

namespace reeve {
namespace {

constexpr std::int64_t kLogWaitMs = 2000;
constexpr std::chrono::seconds kAgainAfterRate{60};
constexpr std::chrono::milliseconds kNoRoomPause{5};

}  // namespace

Task<Fleet::Outcome> Fleet::compare(SessionRef session) {
  book_.begin_comparing(!session->is_compared);
  session->next_comparison = instant_now() + settings_.compare_every;
  // Lifts first: then no ban comes into force for a moment that was lifted long ago.
  Outcome outcome = co_await compare_kind(session, FleetRecord::Kind::lift);
  if (!outcome) co_return outcome;
  outcome = co_await compare_kind(session, FleetRecord::Kind::ban);
  if (!outcome) co_return outcome;
  session->is_compared = true;
  book_.end_comparing(now());
  co_return outcome;
}

Task<Fleet::Outcome> Fleet::compare_kind(SessionRef session, FleetRecord::Kind kind) {
  Outcome outcome = true;
  std::string cursor = "0";
  std::size_t scanned = 0;
  do {
    std::vector<RedisCommand> commands{commands_.scan(kind, cursor)};
    const Instant deadline = instant_now() + kAnswerWithin;
    const auto replies = co_await session->commands.exchange(std::move(commands), deadline);
    if (!replies) {
      outcome = std::unexpected(replies.error());
      co_return outcome;
    }
    const RedisValue answer = replies->front().value();
    if (answer.size() != 2) {
      outcome = failure(answer.is_error() ? objection(*replies) : "SCAN: an answer of another form");
      co_return outcome;
    }
    cursor = answer[0].text();
    std::vector<std::string> keys;
    for (std::size_t each = 0; each < answer[1].size(); ++each) keys.emplace_back(answer[1][each].text());
    scanned += FleetCommands::kBatch;
    if (!keys.empty()) {
      outcome = co_await take_keys(session, std::move(keys));
    }
    // Own news do not wait for the end of a long comparison; at the first one it is not known yet what is news.
    if (outcome && session->is_compared && book_.queue_size() > 0) {
      outcome = co_await publish(session);
    }
    if (!outcome) co_return outcome;
  } while (cursor != "0" && scanned < kMostScanned);
  if (cursor != "0") refuse("the store", "there are too many keys to compare all");
  co_return outcome;
}

Task<Fleet::Outcome> Fleet::take_keys(SessionRef session, std::vector<std::string> keys) {
  Outcome outcome = true;
  std::vector<RedisCommand> commands = FleetCommands::read_keys(keys);
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
  heard_ = instant_now();
  const RedisValue values = replies->front().value();
  for (std::size_t each = 0; each < keys.size() && each < values.size(); ++each) {
    const WallMs left = (*replies)[each + 1].value().number().value_or(0);
    std::string text(values[each].text());
    if (text.empty()) continue;  // it has just ended
    // A record without a time to live was not put there by a node.
    co_await take(session, std::move(text), left);
  }
  co_return outcome;
}

Task<> Fleet::take(SessionRef session, std::string text, WallMs left) {
  const ReadRecord read = read_record(text, key_);
  if (read.fault != RecordFault::none) {
    refuse("the store", read.fault == RecordFault::unsigned_ ? "it is not signed with this fleet's key" : "it is malformed");
    co_return;
  }
  const FleetBook::Taken taken = book_.take(read.record, left, now());
  if (const auto* const refused = std::get_if<FleetBook::Refused>(&taken)) refuse(read.record.node, refused->why);
  if (std::holds_alternative<FleetBook::Later>(taken)) {
    refuse(read.record.node, "more than fleet_rate: it is looked at again in a minute");
    session->next_comparison = std::min(session->next_comparison, instant_now() + kAgainAfterRate);
  }
  bool is_done = false;
  while (!is_done) {
    is_done = true;
    if (const auto* const ban = std::get_if<BanMessage>(&taken)) is_done = outlet_.propose(*ban);
    if (const auto* const lift = std::get_if<LiftMessage>(&taken)) is_done = outlet_.propose(*lift);
    if (is_done) break;
    const Instant soon = instant_now() + kNoRoomPause;
    co_await loop_.sleep_until(soon);
  }
}

// Beside serve(), as long as the session lives.
Task<> Fleet::follow(SessionRef session) {
  while (!session->is_over) {
    const Outcome outcome = co_await read_log(session);
    if (outcome) continue;
    session->failure = outcome.error().text();
    break;
  }
  if (!session->is_over) waker_->wake();
}

Task<Fleet::Outcome> Fleet::read_log(SessionRef session) {
  Outcome outcome = true;
  std::vector<RedisCommand> commands{commands_.read_log(session->position, kLogWaitMs)};
  const Instant deadline = instant_now() + std::chrono::milliseconds(kLogWaitMs) + kAnswerWithin;
  const auto replies = co_await session->reader.exchange(std::move(commands), deadline);
  if (!replies) {
    outcome = std::unexpected(replies.error());
    co_return outcome;
  }
  if (const std::string why = objection(*replies); !why.empty()) {
    outcome = failure(why);
    co_return outcome;
  }
  heard_ = instant_now();
  const LogPosition before = read_position(session->position);
  // One stream: its name and its entries; each a position and its fields.
  const RedisValue entries = replies->front().value()[0][1];
  for (std::size_t each = 0; each < entries.size() && !session->is_over; ++each) {
    const RedisValue entry = entries[each], fields = entry[1];
    const LogPosition position = read_position(entry[0].text());
    std::string text;
    WallMs lasts = 0;
    for (std::size_t field = 0; field + 1 < fields.size(); field += 2) {
      if (fields[field].text() == "r") text = fields[field + 1].text();
      if (fields[field].text() == "p") lasts = read_position(std::string(fields[field + 1].text()) + "-0").ms;
    }
    const WallMs age = std::max<WallMs>(store_time(*session) - position.ms, 0);
    lag_ = age;
    session->position = entry[0].text();
    const WallMs left = lasts - age;
    co_await take(session, std::move(text), left);
  }
  if (entries.size() == 0) lag_ = 0;
  if (entries.size() < FleetCommands::kBatch) co_return outcome;
  // We are behind. If the log no longer reaches back to where we were, what is gone from it is found by comparing.
  std::vector<RedisCommand> question{commands_.first_position()};
  const Instant answered = instant_now() + kAnswerWithin;
  const auto first = co_await session->reader.exchange(std::move(question), answered);
  if (!first) {
    outcome = std::unexpected(first.error());
    co_return outcome;
  }
  const std::string_view oldest = first->front().value()[0][0].text();
  if (!oldest.empty() && read_position(oldest) > before) {
    session->next_comparison = instant_now();
    waker_->wake();
  }
  co_return outcome;
}

}  // namespace reeve
