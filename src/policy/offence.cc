#include "policy/offence.h"

namespace reeve {

bool is_offence(Reason reason) noexcept {
  switch (reason) {
    case Reason::address:
    case Reason::name:
    case Reason::user:
    case Reason::time:
    case Reason::libwrap:
      return true;
    case Reason::ban:
    case Reason::load:
    case Reason::pressure:
    case Reason::cps:
    case Reason::instances:
    case Reason::per_source:
    case Reason::source_rate:
    case Reason::process_limit:
    case Reason::sensor:  // an offence of its own
    case Reason::fork:
    case Reason::exec:
    case Reason::inquiries:
    case Reason::proxy:
    case Reason::target:
    case Reason::stopped:
      break;
  }
  return false;
}

std::optional<Penalty> note_offence(PenaltyLedger& ledger, const BanTable& bans, const PenaltyTerms& terms, const Service& service,
                                    const Address& source, Offence offence, Instant now) {
  if (!ledger.is_on() || !service.is_stream() || source.is_unspecified() || source.is_local()) return std::nullopt;
  const Prefix prefix = bans.prefix_for(source);
  if (bans.never_ban().conflict(prefix) != nullptr || bans.is_banned(source, now)) return std::nullopt;
  const auto sentence = ledger.note(prefix, offence, now);
  if (!sentence) return std::nullopt;
  return Penalty{.prefix = prefix, .until = bans.end_of(prefix, terms.ban, now), .sentence = *sentence};
}

}  // namespace reeve
