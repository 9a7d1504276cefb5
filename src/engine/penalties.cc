#include "engine/penalties.h"

#include "sys/clock.h"

namespace reeve {

void Penalties::set_terms(const PenaltyTerms& terms) {
  terms_ = terms;
  ledger_.set_terms(terms);
}

void Penalties::judge(const Service& service, const Endpoint& source, Offence offence) {
  const Instant now = instant_now();
  const auto penalty = note_offence(ledger_, table_, terms_, service, source.address, offence, now);
  if (penalty) bans_.punish(service, source, *penalty, now);
}

}  // namespace reeve
