#include "policy/admission.h"

namespace reeve {

Facts Admission::facts(Account& account, const Visit& visit) const {
  return facts(account, visit, source_prefix(visit.service, visit.source));
}

Facts Admission::facts(Account& account, const Visit& visit, const Prefix& prefix) const {
  const Service& service = visit.service;
  // Nobody is known of a wait = yes stream's client, and nothing can be found out.
  static const Identity kNobody{.name = {.state = HostName::State::none}, .user = {.state = RemoteUser::State::unknown}};
  const bool is_nobody = visit.source.is_unspecified() || visit.source.is_local();
  return {
      .local = visit.local,
      .load = visit.load,
      .pressure = visit.pressure,
      .stopped = visit.stopped,
      .banned = bans_.size() != 0 && bans_.is_banned(visit.source, visit.now),
      .rate = service.cps_rate == 0 ? RateState::free : account.rate(service, prefix, visit.now),
      .over_source_rate = account.is_over_source_rate(service, prefix, visit.now),
      .running = account.running(),
      .running_from_source = source_limit(service) == kUnlimited ? 0 : account.running_from(prefix),
      .processes = ledger_.processes(),
      .process_limit = service.kind == Kind::program ? process_limit_ : kUnlimited,
      .identity = is_nobody ? &kNobody : visit.identity,
  };
}

Admission::Answer Admission::ask(Account& account, const Visit& visit) {
  const Service& service = visit.service;
  const Prefix prefix = source_prefix(service, visit.source);
  Answer answer{decide(visit.configuration, service, visit.source, facts(account, visit, prefix)), {}, {}};
  if (const Refusal* refusal = answer.refusal()) {
    if (refusal->reason == Reason::cps) answer.overload = account.note_shed(service, prefix, visit.now);
    return answer;
  }
  if (answer.undecided() != nullptr) return answer;
  answer.ticket = ledger_.admit(account, service, prefix, service.kind == Kind::program, visit.now);
  return answer;
}

Admission::Answer Admission::ask_datagram(Account& account, const Visit& visit) {
  // A slot is only taken, and given back at once, where there is a rate to count it against.
  if (visit.service.cps_rate != 0 || visit.service.source_rate != 0) {
    Answer answer = ask(account, visit);
    answer.ticket = {};
    return answer;
  }
  return {decide(visit.configuration, visit.service, visit.source, facts(account, visit)), {}, {}};
}

Verdict Admission::ask_address(const Visit& visit) const {
  if (bans_.size() != 0 && bans_.is_banned(visit.source, visit.now)) return Refusal{Reason::ban, {}};
  static const HostName kNameless{.state = HostName::State::none};
  return decide_again(visit.configuration, visit.service, visit.source, visit.local, &kNameless);
}

}  // namespace reeve
