// Offences: what counts against a source, and what comes of it. The only implementation, for the engine (which says it in the
// log) and for virtual time; the sums are policy/penalty_ledger.h's.
#pragma once

#include <optional>

#include "base/address.h"
#include "base/time.h"
#include "config/service.h"
#include "policy/ban_table.h"
#include "policy/penalty_ledger.h"
#include "policy/reason.h"

namespace reeve {

// Does a refusal for this reason count as `refused`? Those by address, name, user, time and tcp wrappers do: they tell that
// somebody comes who may not. Limits don't, which others can cause, nor does whatever is wrong with the service itself.
[[nodiscard]] bool is_offence(Reason reason) noexcept;

// Somebody to be banned because of all that he did.
struct Penalty {
  Prefix prefix;
  Instant until;
  Sentence sentence;
};

// `source` did this at `service`. Nothing comes of it where penalties are off, where anybody could do it in its name (only
// streams have sources that can't be forged), where the source is never banned, and where it is banned already.
[[nodiscard]] std::optional<Penalty> note_offence(PenaltyLedger& ledger, const BanTable& bans, const PenaltyTerms& terms,
                                                  const Service& service, const Address& source, Offence offence, Instant now);

}  // namespace reeve
