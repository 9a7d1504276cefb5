#include "engine/penalties.h"

#include <csignal>

#include "sys/clock.h"

namespace reeve {

bool is_crash(int signal) noexcept {
  switch (signal) {
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGSEGV:
    case SIGSYS:
    case SIGTRAP:
      return true;
    default:
      return false;
  }
}

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
