// `history`: the bans of the past, as the keeper's store has them.
#include <string>

#include "control/answer.h"
#include "engine/control_desk.h"
#include "engine/control_words.h"
#include "sys/clock.h"

namespace reeve {

namespace {

constexpr std::chrono::seconds kAnswerTime{8};
constexpr std::int64_t kUsualMost = 1'000;

}  // namespace

Task<> answer_history(ControlDesk& desk, ControlSession& session, const Request& request) {
  const auto text = request.text("source");
  const auto around = text ? parse_prefix(*text) : std::optional(Prefix{{}, 0});
  if (!around) co_return session.fail(request, {kInvalid, "`source` is neither an address nor a network"});
  constexpr auto kMost = static_cast<std::int64_t>(FollowerAnswers::kMostLines);
  const std::int64_t most = request.number("most").value_or(kUsualMost);
  if (most < 1 || most > kMost) co_return session.fail(request, {kInvalid, "`most` is from 1 to " + std::to_string(kMost)});

  const Instant deadline = instant_now() + kAnswerTime;
  MonitorAnswer answer(desk.answers, deadline);
  FollowerAnswers::Lines found(desk.bans.answers(), answer.number());
  AskMessage question;
  question.number = answer.number();
  question.prefix = to_wire(*around);
  question.most = static_cast<std::uint32_t>(most);
  if (!desk.bans.followers().tell_one(FollowerKind::keeper, question))
    co_return session.fail(request, {kFailed, "bans are not kept: there is no state_directory, or nobody was banned since it is there"});
  const bool came = co_await answer;
  if (!came) co_return session.fail(request, {kFailed, "the keeper of bans does not answer"});
  if (!found.trouble.empty()) co_return session.fail(request, {kFailed, found.trouble});

  std::size_t count = 0;
  for (const std::string& line : found.lines) {
    ++count;
    append_item(session.out, request, line);
    if (session.is_due()) {
      const bool goes_on = co_await session.breathe();
      if (!goes_on) co_return;
    }
  }
  LastLine last(session.out, request);
  last.field("count", count);
  last.finish();
}

}  // namespace reeve
