#include "policy/virtual_gate.h"

#include <utility>

#include "config/defence.h"

namespace reeve {

VirtualGate::VirtualGate(ConfigurationRef configuration, std::uint32_t process_limit, std::size_t most_bans)
    : configuration_(std::move(configuration)), admission_(most_bans), accounts_(configuration_->services.size()) {
  admission_.set_process_limit(process_limit);
  admission_.bans().set_terms(configuration_->defence->bans);
  admission_.penalties().set_terms(configuration_->defence->penalties);
  admission_.bans().set_never_ban(guarded(*configuration_, {}));
}

Admission::Visit VirtualGate::to_ask(const Visit& visit) const noexcept {
  return {.configuration = *configuration_,
          .service = configuration_->services[visit.service],
          .source = visit.source,
          .now = visit.now,
          .local = visit.local,
          .load = visit.load,
          .identity = visit.identity};
}

VirtualGate::Answer VirtualGate::visit(const Visit& visit) {
  const Service& service = configuration_->services[visit.service];
  Account& account = accounts_[visit.service];
  end_bans(visit.now);
  if (!visit.source.is_local() && is_resting(visit.service, visit.now)) {
    Answer unheard;
    unheard.verdict = Refusal{Reason::cps, configuration_->where_of(service, "cps")};
    unheard.unheard = true;
    return unheard;
  }
  const bool is_answered_alone = !service.is_stream() && service.kind != Kind::program;
  Admission::Answer asked = is_answered_alone ? admission_.ask_datagram(account, to_ask(visit)) : admission_.ask(account, to_ask(visit));
  Answer answer;
  answer.verdict = asked.verdict;
  answer.overload = asked.overload;
  if (service.kind == Kind::sensor && answer.admitted()) {
    answer.touch = spring(admission_.bans(), service, visit.source, std::nullopt, visit.now).touch;
    answer.verdict = Refusal{Reason::sensor, service.where};
    note(answer, visit, Offence::sensor);
    return answer;
  }
  if (const Refusal* refusal = answer.refusal(); refusal != nullptr && is_offence(refusal->reason)) note(answer, visit, Offence::refused);
  answer.ticket = std::move(asked.ticket);
  return answer;
}

Facts VirtualGate::facts(const Visit& visit) {
  return admission_.facts(accounts_[visit.service], to_ask(visit));
}

bool VirtualGate::is_resting(std::uint32_t service, Instant now) const {
  const Service& asked = configuration_->services[service];
  return can_rest(asked) && accounts_[service].should_rest(asked, now);
}

Ticket VirtualGate::adopt(std::uint32_t service, const Address& source) {
  const Service& adopted = configuration_->services[service];
  return admission_.ledger().adopt(accounts_[service], source_prefix(adopted, source), adopted.kind == Kind::program);
}

void VirtualGate::note(Answer& answer, const Visit& visit, Offence offence) {
  const PenaltyTerms& terms = configuration_->defence->penalties;
  answer.penalty = note_offence(admission_.penalties(), admission_.bans(), terms, configuration_->services[visit.service], visit.source,
                                offence, visit.now);
  if (!answer.penalty) return;
  (void)admission_.bans().add(answer.penalty->prefix, answer.penalty->until, answer.penalty->sentence.reason(), visit.now,
                              BanOrigin::penalty);
}

// They ended exactly, this only makes room.
void VirtualGate::end_bans(Instant now) {
  while (const auto next = admission_.bans().next_expiry()) {
    if (*next > now) return;
    (void)admission_.bans().expire(now);
  }
}

}  // namespace reeve
