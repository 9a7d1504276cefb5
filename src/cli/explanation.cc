#include "cli/explanation.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/printable.h"
#include "cli/explain_access.h"
#include "cli/explain_service.h"
#include "cli/values_as_text.h"

namespace reeve {
namespace {

using Says = ExplainStep::Says;

Says says(const Verdict& verdict) noexcept {
  if (std::holds_alternative<Refusal>(verdict)) return Says::refuses;
  return std::holds_alternative<Undecided>(verdict) ? Says::unknown : Says::passes;
}

std::string_view remark(FactOrigin origin) noexcept {
  switch (origin) {
    case FactOrigin::assumed:
      return " (assumed)";
    case FactOrigin::line:
      return " (as the line says)";
    case FactOrigin::given:
    case FactOrigin::daemon:
      break;
  }
  return "";
}

// The gates of decide(), in words.
class Gates {
 public:
  Gates(const Configuration& configuration, const Service& service, const Address& source, const KnownFacts& known, const Facts& facts)
      : configuration_(configuration), service_(service), source_(source), known_(known), facts_(facts) {}

  [[nodiscard]] ExplainStep step(Check check, const Verdict& said) const {
    ExplainStep step = words(check, said);
    step.says = says(said);
    if (const auto* refusal = std::get_if<Refusal>(&said)) step.place = place_text(configuration_, refusal->where);
    return step;
  }

 private:
  [[nodiscard]] ExplainStep words(Check check, const Verdict& said) const {
    const bool refuses = std::holds_alternative<Refusal>(said);
    switch (check) {
      case Check::stopped:
        return stopped(refuses);
      case Check::ban:
        return ban();
      case Check::access:
        return explain_access(configuration_, service_, source_, known_.identity.name, said);
      case Check::time:
        return time(refuses);
      case Check::load:
        return load(refuses);
      case Check::pressure:
        return pressure(refuses);
      case Check::source_rate:
        return source_rate(refuses);
      case Check::cps:
        return cps(refuses);
      case Check::instances:
        return instances(refuses);
      case Check::per_source:
        return per_source(refuses);
      case Check::process_limit:
        return process_limit(refuses);
      case Check::user:
        return user(refuses);
    }
    return {};
  }

  [[nodiscard]] std::string at(std::string_view attribute) const {
    return place_text(configuration_, configuration_.where_of(service_, attribute));
  }

  [[nodiscard]] ExplainStep stopped(bool refuses) const {
    ExplainStep step{.gate = "operator"};
    step.compared = fmt::format("the service is {}{}", refuses ? "stopped or drained" : "not stopped", remark(known_.stopped));
    step.change = fmt::format("reeve {} {}", refuses ? "start" : "stop", printable(service_.id, 60));
    return step;
  }

  [[nodiscard]] ExplainStep ban() const {
    ExplainStep step{.gate = "ban"};
    const std::string who = to_text(source_);
    if (facts_.banned) {
      step.compared = who + " is banned" + (known_.ban_text.empty() ? "" : " " + known_.ban_text) + std::string(remark(known_.ban));
      step.change = fmt::format("the ban ends, or is lifted: reeve unban {}", who);
    } else {
      step.compared = who + " is not banned" + std::string(remark(known_.ban));
      if (!known_.penalty_text.empty()) step.compared += "; its score is " + known_.penalty_text;
      step.change = "it touches a sensor, or is banned by hand";
      if (!known_.never_banned.empty()) {
        step.compared = who + " is " + known_.never_banned + ": never banned";
        step.change = {};
      }
    }
    return step;
  }

  [[nodiscard]] ExplainStep time(bool refuses) const {
    ExplainStep step{.gate = "access_times"};
    if (service_.access_times.empty()) {
      step.compared = "open at all times";
      return step;
    }
    step.compared = fmt::format("{} is {} {}", known_.day_text, refuses ? "outside of" : "within", spans(service_.access_times));
    step.place = at("access_times");
    step.change = refuses ? "it comes within these times, or they are extended" : "it comes outside of these times";
    return step;
  }

  [[nodiscard]] ExplainStep load(bool refuses) const {
    ExplainStep step{.gate = "max_load"};
    if (service_.max_load <= 0) {
      step.compared = "no max_load";
      return step;
    }
    step.compared = fmt::format("load {:.2f}{}, max_load = {:.2f}", facts_.load, remark(known_.load), service_.max_load);
    step.place = at("max_load");
    step.change = fmt::format("a load {} {:.2f}", refuses ? "below" : "of at least", service_.max_load);
    return step;
  }

  [[nodiscard]] ExplainStep pressure(bool refuses) const {
    ExplainStep step{.gate = "max_pressure"};
    if (service_.max_pressure == nullptr) {
      step.compared = "no max_pressure";
      return step;
    }
    const Pressure &most = *service_.max_pressure, &now = facts_.pressure;
    const auto add = [&](std::string_view resource, float bound, float stalled) {
      if (bound > 0) step.compared += fmt::format("{}{} {:.1f} % of {:.1f}", step.compared.empty() ? "" : ", ", resource, stalled, bound);
    };
    add("cpu", most.cpu, now.cpu);
    add("memory", most.memory, now.memory);
    add("io", most.io, now.io);
    step.compared += remark(known_.pressure);
    step.place = at("max_pressure");
    step.change = refuses ? "less of the last ten seconds was lost waiting" : "more of the last ten seconds is lost waiting";
    return step;
  }

  [[nodiscard]] ExplainStep source_rate(bool refuses) const {
    ExplainStep step{.gate = "rate_per_source"};
    const auto limit = rate_per_source(service_.source_rate, service_.source_rate_seconds);
    if (!limit) {
      step.compared = "no limit of one source's rate";
      return step;
    }
    step.compared = fmt::format("{} {} from {}{}", refuses ? "more than" : "not more than", *limit,
                                to_text(source_prefix(service_, source_)), remark(known_.source_rate));
    step.place = at("rate_per_source");
    step.change =
        refuses ? "the source waits until its interval has room again, or rate_per_source is raised" : "it comes more often than that";
    return step;
  }

  [[nodiscard]] ExplainStep cps(bool refuses) const {
    ExplainStep step{.gate = "cps"};
    if (service_.cps_rate == 0) {
      step.compared = "no limit of rate";
      return step;
    }
    step.compared = fmt::format("{} {} a second{}", refuses ? "more than" : "not more than", service_.cps_rate, remark(known_.rate));
    step.place = at("cps");
    step.change = refuses ? fmt::format("fewer visits; who came too often is let in again after {} seconds", service_.cps_wait_seconds)
                          : std::string("visits come faster than that");
    return step;
  }

  [[nodiscard]] ExplainStep instances(bool refuses) const {
    ExplainStep step{.gate = "instances"};
    if (service_.instances == kUnlimited) {
      step.compared = fmt::format("{} run{}, no limit", facts_.running, remark(known_.running));
      return step;
    }
    step.compared = fmt::format("{} of {} run{}", facts_.running, service_.instances, remark(known_.running));
    step.place = at("instances");
    step.change = refuses ? "one of them ends, or instances is raised" : fmt::format("{} run", service_.instances);
    return step;
  }

  [[nodiscard]] ExplainStep per_source(bool refuses) const {
    ExplainStep step{.gate = "per_source"};
    const std::uint32_t limit = source_limit(service_);
    if (limit == kUnlimited) {
      step.compared = "no limit for one source";
      return step;
    }
    const std::string_view reserve = service_.per_source_given ? "" : ", 3/4 of instances";
    step.compared = fmt::format("{} of {} run from {}{}{}", facts_.running_from_source, limit, to_text(source_prefix(service_, source_)),
                                reserve, remark(known_.running_from));
    step.place = at(service_.per_source_given ? "per_source" : "instances");
    step.change = refuses ? "one of them ends, or per_source is raised" : fmt::format("{} run from there", limit);
    return step;
  }

  [[nodiscard]] ExplainStep process_limit(bool refuses) const {
    ExplainStep step{.gate = "-limit"};
    if (service_.kind != Kind::program) {
      step.compared = "no process is started";
    } else if (facts_.process_limit == kUnlimited) {
      step.compared = fmt::format("no -limit{}", remark(known_.processes));
    } else if (known_.processes == FactOrigin::line) {
      step.compared = fmt::format("as many processes as -limit allows{}", remark(known_.processes));
    } else {
      step.compared = fmt::format("{} of {} processes run{}", facts_.processes, facts_.process_limit, remark(known_.processes));
    }
    if (facts_.process_limit != kUnlimited) step.change = refuses ? "a process ends, or -limit is raised" : "as many processes run";
    return step;
  }

  [[nodiscard]] ExplainStep user(bool refuses) const {
    ExplainStep step{.gate = "IDONLY"};
    if (!needs_user(service_)) {
      step.compared = "the client's user is not asked for";
      return step;
    }
    step.place = at("flags");
    switch (known_.identity.user.state) {
      case RemoteUser::State::known:
        step.compared = "its machine says who it is: " + printable(known_.identity.user.user, 60);
        break;
      case RemoteUser::State::unknown:
        step.compared = "its machine does not say who it is";
        break;
      case RemoteUser::State::unasked:
        step.compared = "depends on whether its machine says who it is: --user";
        break;
    }
    step.change = refuses ? "its machine answers (RFC 1413), or IDONLY is taken out of flags" : "its machine does not answer";
    return step;
  }

  const Configuration& configuration_;
  const Service& service_;
  const Address& source_;
  const KnownFacts& known_;
  const Facts& facts_;
};

// The step counts unless another one has decided already. A refusal of decide()'s gates `outweighs` what is not known.
void add(Explanation& explanation, ExplainStep step, std::optional<Reason> reason, bool outweighs) {
  using Answer = Explanation::Answer;
  const bool is_open = explanation.answer == Answer::admitted || (outweighs && explanation.answer == Answer::unknown);
  if (step.says == Says::refuses && is_open) {
    explanation.answer = Answer::refused;
    explanation.reason = reason;
    explanation.deciding = explanation.steps.size();
  } else if (step.says == Says::unknown && explanation.answer == Answer::admitted) {
    explanation.answer = Answer::unknown;
    explanation.deciding = explanation.steps.size();
  }
  explanation.steps.push_back(std::move(step));
}

}  // namespace

std::string place_text(const Configuration& configuration, Where where) {
  if (where.line == 0 || where.file >= configuration.files.size()) return "";
  return fmt::format("{}:{}", configuration.files[where.file], where.line);
}

Explanation explain_visit(const Configuration& configuration, const Service& service, const Address& source, const KnownFacts& known,
                          const WrapFiles* wrap) {
  Facts facts = known.facts;
  facts.identity = &known.identity;
  const Trace told = trace(configuration, service, source, facts);
  const Gates gates(configuration, service, source, known, facts);
  Explanation explanation;
  explanation.verdict = told.verdict;
  if (auto proxy = explain_proxy(configuration, service, source)) explanation.steps.push_back(std::move(*proxy));
  for (std::size_t each = 0; each < kChecks; ++each) {
    const Verdict& said = told.said[each];
    const auto* refusal = std::get_if<Refusal>(&said);
    const std::optional<Reason> reason = refusal == nullptr ? std::nullopt : std::optional(refusal->reason);
    add(explanation, gates.step(static_cast<Check>(each), said), reason, true);
  }
  if (service.kind == Kind::sensor) {
    add(explanation, explain_sensor(configuration, service), Reason::sensor, false);
  } else {
    add(explanation, explain_wrap(service, source, known.identity, wrap), Reason::libwrap, false);
  }
  for (ExplainStep& step : explain_service(configuration, service, explanation.answer == Explanation::Answer::refused)) {
    explanation.steps.push_back(std::move(step));
  }
  return explanation;
}

}  // namespace reeve
