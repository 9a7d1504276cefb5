// Penalties: offences against a source as they happen, and the ban when it is too much (policy/offence.h).
//
// The recorder tells it of refusals and of programs' ends, the reception of clients that said nothing. Where penalties are off
// each of these costs one comparison.
#pragma once

#include <optional>

#include "config/defence.h"
#include "engine/bans.h"
#include "policy/offence.h"

namespace reeve {

// Did a program that this signal ended crash? SIGSEGV, SIGABRT and the like; not those that people and limits send, nor
// SIGPIPE, which only says that the client has left.
[[nodiscard]] bool is_crash(int signal) noexcept;

class Penalties {
 public:
  Penalties(PenaltyLedger& ledger, const BanTable& table, Bans& bans) noexcept : ledger_(ledger), table_(table), bans_(bans) {}

  // From now on its terms hold.
  void set_terms(const PenaltyTerms& terms);
  void note(const Service& service, const std::optional<Endpoint>& source, Offence offence) {
    if (ledger_.is_on() && source) judge(service, *source, offence);
  }
  // A refusal, where its reason is an offence.
  void note_refusal(const Service& service, const std::optional<Endpoint>& source, Reason reason) {
    if (ledger_.is_on() && source && is_offence(reason)) judge(service, *source, Offence::refused);
  }
  [[nodiscard]] const PenaltyTerms& terms() const noexcept { return terms_; }
  [[nodiscard]] const PenaltyLedger& ledger() const noexcept { return ledger_; }

 private:
  void judge(const Service& service, const Endpoint& source, Offence offence);

  PenaltyLedger& ledger_;
  const BanTable& table_;
  Bans& bans_;
  PenaltyTerms terms_;
};

}  // namespace reeve
