#include "cli/explain.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/printable.h"
#include "base/source_text.h"
#include "cli/claim.h"
#include "cli/explain_text.h"
#include "cli/live_facts.h"
#include "cli/load.h"
#include "cli/log_calendar.h"
#include "config/lexer.h"
#include "record/log_line.h"

namespace reeve {
namespace {

Answer wrong(std::string text) {
  return {.err = "reeve: " + printable(text) + "\n", .exit_code = kWrong};
}

// What is asked, the line's part in it included.
struct Question {
  std::optional<LogLine> line;
  Address source;
  std::string_view service;
  WallTime when;
};

Result<Question> question_of(const ExplainRequest& request, LogCalendar& calendar) {
  Question question{.service = request.service, .when = request.now};
  if (const auto source = parse_source(request.source)) {
    question.source = *source;
  } else {
    const auto line = read_log_line(request.source);
    if (!line) return failure("`" + printable(request.source, 200) + "` is neither an address nor a line of a log");
    question.line = *line;
    if (line->event == LogLine::Event::other) return failure("the line tells of no visit");
    if (!line->source && line->event == LogLine::Event::exit)
      return failure("a line of a visit's end does not say who it was: paste the START");
    if (line->source) question.source = line->source->address;
    if (question.service.empty()) question.service = line->service;
    if (question.service.empty()) return failure("the line names no service: say which one");
    if (const auto when = calendar.wall_of(line->time)) question.when = *when;
  }
  if (request.at.empty()) return question;
  const auto when = calendar.parse(request.at);
  if (!when) return failure("--at wants HH:MM or YYYY-MM-DD HH:MM[:SS], not " + printable(request.at, 60));
  question.when = *when;
  return question;
}

KnownFacts known_facts(const ExplainRequest& request, LocalMinute local, std::string_view day) {
  KnownFacts known;
  known.day_text = day;
  known.facts.local = local;
  const auto take = [](const auto& given, auto& fact, FactOrigin& origin) {
    if (!given) return;
    fact = *given;
    origin = FactOrigin::given;
  };
  take(request.load, known.facts.load, known.load);
  take(request.running, known.facts.running, known.running);
  take(request.running_from, known.facts.running_from_source, known.running_from);
  take(request.processes, known.facts.processes, known.processes);
  take(request.process_limit, known.facts.process_limit, known.processes);
  if (request.banned) take(std::optional(true), known.facts.banned, known.ban);
  if (request.over_source_rate) take(std::optional(true), known.facts.over_source_rate, known.source_rate);
  if (request.over_cps) take(std::optional(RateState::shed), known.facts.rate, known.rate);
  if (request.name == "unknown") {
    known.identity.name.state = HostName::State::none;
  } else if (!request.name.empty()) {
    known.identity.name = {.state = HostName::State::confirmed, .name = request.name};
  }
  if (request.user == "unknown") {
    known.identity.user.state = RemoteUser::State::unknown;
  } else if (!request.user.empty()) {
    known.identity.user = {.state = RemoteUser::State::known, .answer = request.user, .user = request.user};
  }
  return known;
}

class Explainer {
 public:
  Explainer(const Configuration& configuration, const Question& question, KnownFacts known, const WrapFiles& wrap, std::string when,
            const LiveFacts* live)
      : configuration_(configuration), question_(question), known_(std::move(known)), wrap_(wrap), when_(std::move(when)), live_(live) {}

  [[nodiscard]] Explained explain(const Service& service) const {
    Explained explained = natural(service);
    if (!question_.line) return explained;
    const Claim claim = claim_of(*question_.line);
    if (claim.served) {
      const bool agrees = explained.explanation.answer == Explanation::Answer::admitted;
      explained.compared = {.claim = "it was served", .agrees = agrees, .remark = {}};
      return explained;
    }
    const std::vector<Reason> meant = meant_by(claim);
    const auto says = claim.reason ? to_text(*claim.reason) : claim.word;
    for (const Reason reason : meant) {
      KnownFacts supposed = known_;
      if (!suppose(reason, service, supposed)) continue;
      Explained one = explained;
      one.explanation = explain_visit(configuration_, service, question_.source, supposed, &wrap_);
      if (!agrees(one.explanation, reason, service, question_.source)) continue;
      conclude(one.explanation, reason, configuration_, service);
      one.compared = compare(claim, reason, one.explanation, says, meant.size() > 1);
      return one;
    }
    explained.compared = {.claim = fmt::format("refused: {}", printable(says, 60)), .agrees = false, .remark = {}};
    return explained;
  }

 private:
  [[nodiscard]] Explained natural(const Service& service) const {
    KnownFacts known = known_;
    if (live_ != nullptr && !question_.line) live_->complete(service, known);
    return {.configuration = &configuration_,
            .service = &service,
            .source = question_.source,
            .explanation = explain_visit(configuration_, service, question_.source, known, &wrap_),
            .when = when_,
            .compared = {}};
  }

  [[nodiscard]] static Explained::Compared compare(const Claim& claim, Reason reason, const Explanation& explanation, std::string_view says,
                                                   bool is_vague) {
    Explained::Compared compared{.claim = fmt::format("refused: {}", says), .agrees = true, .remark = {}};
    if (is_vague) compared.remark = fmt::format("as far as it may mean {}", to_text(reason));
    const bool has_rule = explanation.answer == Explanation::Answer::refused && !explanation.steps[explanation.deciding].place.empty();
    if (claim.rule.empty() || !has_rule) return compared;
    const std::string& place = explanation.steps[explanation.deciding].place;
    if (place == claim.rule) return compared;
    compared.agrees = false;
    compared.remark = fmt::format("the same reason, but by {}, not {}: has the file changed?", claim.rule, place);
    return compared;
  }

  const Configuration& configuration_;
  const Question& question_;
  KnownFacts known_;
  const WrapFiles& wrap_;
  std::string when_;
  const LiveFacts* live_;
};

std::vector<const Service*> chosen(const Configuration& configuration, std::string_view name) {
  std::vector<const Service*> services;
  for (const Service& service : configuration.services) {
    if (name.empty() || equal_ignoring_case(service.id, name)) services.push_back(&service);
  }
  if (!services.empty()) return services;
  for (const Service& service : configuration.services) {
    if (equal_ignoring_case(service.name, name)) services.push_back(&service);
  }
  return services;
}

int exit_code(const Explained& explained) noexcept {
  if (explained.compared && !explained.compared->agrees) return kDisagrees;
  switch (explained.explanation.answer) {
    case Explanation::Answer::admitted:
      return kClean;
    case Explanation::Answer::refused:
      return kDoubtful;
    case Explanation::Answer::unknown:
      break;
  }
  return kWrong;
}

// One line for each service.
std::string overview(const std::vector<Explained>& all) {
  std::size_t widest = 0;
  for (const Explained& one : all) widest = std::max(widest, one.service->id.size());
  std::string out;
  for (const Explained& one : all) out += fmt::format("{:<{}}  {}\n", printable(one.service->id), widest, outcome_text(one.explanation));
  return out;
}

}  // namespace

Answer explain(const ExplainRequest& request, FileReader& files, Names& names) {
  LogCalendar calendar(request.now);
  const Result<Question> question = question_of(request, calendar);
  if (!question) return wrong(question.error().text());
  const Result<Loaded> loaded = load(request.path, request.options, files, names);
  if (!loaded) return wrong(loaded.error().text());
  if (loaded->parsed.unusable) return wrong(request.path + " can't be used, see reeve check");
  const Configuration& configuration = *loaded->parsed.configuration;
  const std::vector<const Service*> services = chosen(configuration, question->service);
  if (services.empty()) {
    return wrong(question->service.empty() ? "no service would start" : fmt::format("no service `{}` would start", question->service));
  }
  const WrapFiles wrap = read_wrap_files(request.wrap_paths, files, names);

  const std::string when = date_text(question->when);
  KnownFacts known = known_facts(request, calendar.local_minute(question->when), when);
  complete_identity(known.identity, question->source);
  const Explainer explainer(configuration, *question, std::move(known), wrap, when, request.live);
  std::vector<Explained> all;
  for (const Service* service : services) all.push_back(explainer.explain(*service));

  Answer answer;
  if (loaded->parsed.has_errors) answer.err = "reeve: there are errors, see reeve check; this is what would start nevertheless\n";
  for (const Explained& one : all) answer.exit_code = std::max(answer.exit_code, exit_code(one));
  if (request.json) {
    for (const Explained& one : all) answer.out += explained_json(one);
  } else if (all.size() == 1) {
    answer.out = explained_text(all.front(), request.colour);
  } else {
    answer.out = overview(all);
  }
  return answer;
}

}  // namespace reeve
