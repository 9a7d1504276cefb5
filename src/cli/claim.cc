#include "cli/claim.h"

#include <algorithm>
#include <array>
#include <utility>

namespace reeve {

Claim claim_of(const LogLine& line) noexcept {
  Claim claim;
  claim.served = line.event == LogLine::Event::start || line.event == LogLine::Event::exit || line.event == LogLine::Event::request;
  claim.reason = line.reason;
  claim.word = line.word;
  claim.rule = line.rule;
  return claim;
}

std::vector<Reason> meant_by(const Claim& claim) {
  if (claim.reason) return {*claim.reason};
  // "address" means many things.
  static constexpr std::array<Reason, kReasons> kOrder{
      Reason::address,       Reason::sensor, Reason::time, Reason::libwrap, Reason::name,      Reason::user,       Reason::inquiries,
      Reason::stopped,       Reason::ban,    Reason::load, Reason::cps,     Reason::instances, Reason::per_source, Reason::source_rate,
      Reason::process_limit, Reason::fork,   Reason::exec, Reason::proxy,   Reason::target,    Reason::pressure};
  std::vector<Reason> meant;
  std::ranges::copy_if(kOrder, std::back_inserter(meant), [&](Reason reason) { return may_mean(claim.word, reason); });
  return meant;
}

bool suppose(Reason reason, const Service& service, KnownFacts& known) {
  Facts& facts = known.facts;
  const auto follows = [](FactOrigin& origin) {
    const bool is_open = origin == FactOrigin::assumed || origin == FactOrigin::daemon;
    if (is_open) origin = FactOrigin::line;
    return is_open;
  };
  switch (reason) {
    case Reason::ban:
      if (follows(known.ban)) facts.banned = true;
      return true;
    case Reason::stopped:
      if (follows(known.stopped)) facts.stopped = true;
      return true;
    case Reason::load:
      if (service.max_load <= 0) return false;
      if (follows(known.load)) facts.load = static_cast<double>(service.max_load);
      return true;
    case Reason::pressure:
      if (service.max_pressure == nullptr) return false;
      if (follows(known.pressure)) facts.pressure = *service.max_pressure;
      return true;
    case Reason::cps:
      if (service.cps_rate == 0) return false;
      if (follows(known.rate)) facts.rate = RateState::shed;
      return true;
    case Reason::instances:
      if (service.instances == kUnlimited) return false;
      if (follows(known.running)) facts.running = service.instances;
      return true;
    case Reason::per_source:
      if (source_limit(service) == kUnlimited) return false;
      if (follows(known.running_from)) facts.running_from_source = source_limit(service);
      return true;
    case Reason::source_rate:
      if (service.source_rate == 0) return false;
      if (follows(known.source_rate)) facts.over_source_rate = true;
      return true;
    case Reason::process_limit:
      if (service.kind != Kind::program) return false;
      if (follows(known.processes)) facts.processes = facts.process_limit = 1;
      return true;
    case Reason::name:
      if (known.identity.name.state == HostName::State::unasked) known.identity.name.state = HostName::State::failed;
      return true;
    case Reason::user:
      if (known.identity.user.state == RemoteUser::State::unasked) known.identity.user.state = RemoteUser::State::unknown;
      return needs_user(service);
    case Reason::address:
    case Reason::time:
    case Reason::sensor:
    case Reason::fork:
    case Reason::exec:
    case Reason::inquiries:
    case Reason::proxy:
    case Reason::target:
    case Reason::libwrap:
      break;
  }
  return true;
}

bool agrees(const Explanation& explanation, Reason reason, const Service& service, const Address& source) noexcept {
  const bool admitted = explanation.answer == Explanation::Answer::admitted;
  switch (reason) {
    // They come behind all gates.
    case Reason::fork:
      return admitted && service.kind == Kind::program;
    case Reason::exec:
      return admitted && service.kind == Kind::program;
    case Reason::target:
      return admitted && service.kind == Kind::redirect;
    // And these before one of them could decide.
    case Reason::inquiries:
      return explanation.answer == Explanation::Answer::unknown;
    case Reason::proxy:
      return service.proxy_from != nullptr && service.proxy_from->prefixes.longest_match(source).has_value();
    default:
      return explanation.answer == Explanation::Answer::refused && explanation.reason == reason;
  }
}

void conclude(Explanation& explanation, Reason reason, const Configuration& configuration, const Service& service) {
  ExplainStep step{.gate = "start", .says = ExplainStep::Says::refuses, .compared = {}, .place = {}, .change = {}};
  // As the engine has it in its records.
  Where where = service.where;
  switch (reason) {
    case Reason::fork:
      step.compared = "no process could be made (as the line says)";
      step.change = "the system has room for a process; the daemon's log says what was missing";
      break;
    case Reason::exec:
      step.compared = "the program could not be executed (as the line says)";
      step.change = "the program can be executed; the daemon's log says why it could not";
      where = configuration.where_of(service, "server");
      break;
    case Reason::target:
      step.compared = "no target answered (as the line says)";
      step.change = "one of them answers";
      where = configuration.where_of(service, "redirect");
      break;
    case Reason::proxy:
      step.gate = "proxy_from";
      step.compared = "it did not say for whom it came (as the line says)";
      step.change = "it speaks the PROXY protocol, or is taken out of proxy_from";
      where = configuration.where_of(service, "proxy_from");
      break;
    case Reason::inquiries:
      step.gate = "inquiries";
      step.compared = "too many clients' names and users were being asked for (as the line says)";
      step.change = "the others are answered, or no rule asks for names";
      break;
    default:
      return;
  }
  step.place = place_text(configuration, where);
  explanation.answer = Explanation::Answer::refused;
  explanation.reason = reason;
  explanation.deciding = explanation.steps.size();
  explanation.steps.push_back(std::move(step));
}

}  // namespace reeve
