// `log`: what happened to visits lately, and, with `follow`, what happens now.
#include <optional>
#include <string>

#include "base/printable.h"
#include "control/answer.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "engine/recent_records.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr SuccessFields kAllOfSuccess{true, true, true, true, true, true};
constexpr FailureFields kAllOfFailure{true, true, true};
constexpr std::chrono::seconds kRest{60};

struct Filter {
  std::optional<std::string> service;
  std::optional<Prefix> source;
  std::optional<Reason> why;

  [[nodiscard]] bool admits(const Record& record) const {
    if (record.event == Event::traffic) return false;  // the exit says it too
    if (service && record.service != *service) return false;
    if (source && (!record.source || !source->contains(record.source->address))) return false;
    const bool is_refusal = record.event == Event::fail || record.event == Event::noid;
    return !why || (is_refusal && record.reason == *why);
  }
};

std::optional<Reason> find_reason(std::string_view word) {
  for (std::size_t each = 0; each < kReasons; ++each) {
    if (to_text(static_cast<Reason>(each)) == word) return static_cast<Reason>(each);
  }
  return std::nullopt;
}

std::expected<Filter, ControlFailure> filter_of(const Request& request) {
  Filter filter;
  if (const auto service = request.text("service")) filter.service = std::string(*service);
  if (const auto source = request.text("source")) {
    filter.source = parse_prefix(*source);
    if (!filter.source)
      return std::unexpected(ControlFailure{kInvalid, "`" + printable(*source, 60) + "` is neither an address nor a network"});
  }
  if (const auto why = request.text("why")) {
    filter.why = find_reason(*why);
    if (!filter.why) {
      std::string all;
      for (std::size_t each = 0; each < kReasons; ++each) all += (each == 0 ? "" : ", ") + std::string(to_text(static_cast<Reason>(each)));
      return std::unexpected(ControlFailure{kInvalid, "`" + printable(*why, 60) + "` is no reason; there are " + all});
    }
  }
  return filter;
}

// Where the last `history` records begin that the filter admits and that are not older than number `oldest`.
std::uint64_t begin_of(const RecentRecords& records, const Filter& filter, std::uint64_t history, std::uint64_t oldest) {
  std::uint64_t number = records.next();
  while (number > records.first() && number > oldest && history > 0) {
    --number;
    if (filter.admits(records.at(number))) --history;
  }
  return number;
}

void write_record(ControlSession& session, const Request& request, const Record& record) {
  const auto json = json_line(record, kAllOfSuccess, kAllOfFailure);
  if (!json) return;
  JsonWriter line(session.out);
  line.field("v", kControlVersion);
  line.raw("id", request.id);
  line.raw("item", *json);
  line.end();
  session.out += '\n';
}

}  // namespace

Task<> answer_log(ControlDesk& desk, ControlSession& session, const Request& request) {
  const auto filter = filter_of(request);
  if (!filter) co_return session.fail(request, filter.error());
  const std::int64_t history = request.number("history").value_or(RecentRecords::kMost);
  if (history < 0) co_return session.fail(request, {kInvalid, "`history` is a number of records"});
  const std::int64_t from = request.number("from").value_or(0);
  if (from < 0) co_return session.fail(request, {kInvalid, "`from` is the number of a record"});
  const bool follows = request.flag("follow");
  std::optional<RecentRecords::Following> following;
  if (follows) {
    following.emplace(desk.records, session);
    session.be_patient();
  }
  std::uint64_t next = begin_of(desk.records, *filter, static_cast<std::uint64_t>(history), static_cast<std::uint64_t>(from)), lost = 0;
  for (;;) {
    while (next < desk.records.next()) {
      if (next < desk.records.first()) {
        // It did not read for so long that they are gone.
        const std::uint64_t missed = desk.records.first() - next;
        lost += missed;
        next = desk.records.first();
        ItemLine line(session.out, request);
        line.field("lost", missed);
        line.finish();
      }
      const Record record = desk.records.at(next++);
      if (filter->admits(record)) write_record(session, request, record);
      if (session.is_due()) {
        const bool goes_on = co_await session.breathe();
        if (!goes_on) co_return;
      }
    }
    if (!follows) break;
    const bool sent = co_await session.flush();
    if (!sent) co_return;
    if (next < desk.records.next()) continue;  // they came while it was sent
    const Instant until = instant_now() + kRest;
    const bool goes_on = co_await session.rest(until);
    if (!goes_on) {
      session.end();
      co_return;
    }
    session.begin_slice();
  }
  LastLine line(session.out, request);
  line.field("next", next);
  line.field("kept", desk.records.next() - desk.records.first());
  line.field("most", RecentRecords::kMost);
  line.field("lost", lost);
  line.finish();
}

}  // namespace reeve
