// Gate: asks the engine's Admission (policy/admission.h) about visits, and supplies the time and the load.
//
// It samples the load, the pressure stalls and the local time at most once a second, and where a service's rules look at them. It performs
// nothing itself; the reception acts on the verdicts.
#pragma once

#include "engine/post.h"
#include "policy/admission.h"

namespace reeve {

class Gate {
 public:
  using Answer = Admission::Answer;

  Gate();

  // One visit of `source`. When it is admitted it is counted; the ticket holds its slot. An undecided visit is
  // counted nowhere: find out what it needs (engine/inquiries.h) and ask again with the identity, which may be
  // nullptr as long as nothing is known. The limits are looked at again then, so they hold however long it took.
  [[nodiscard]] Answer ask(Post& post, const Address& source, Instant now, const Identity* identity);
  // The same for one datagram of a built-in service: counted by cps, no slot taken.
  [[nodiscard]] Answer ask_datagram(Post& post, const Address& source, Instant now, const Identity* identity);
  // May an instance that runs go on under the post's present service? `identity` as it was found for it.
  [[nodiscard]] Verdict ask_again(const Post& post, const Address& source, Instant now, const Identity* identity);

  // The part of the decision that holds for every packet of a service whose listener a server has: bans, addresses.
  // Whom only his name could let in is refused.
  [[nodiscard]] Verdict ask_address(const Post& post, const Address& source, Instant now);
  // What it would decide by now; nothing is counted.
  [[nodiscard]] Facts facts(Post& post, const Address& source, Instant now);
  // Is the service open at this time (access_times)?
  [[nodiscard]] bool is_open(const Post& post, Instant now);

  void set_process_limit(std::uint32_t limit) noexcept { admission_.set_process_limit(limit); }
  [[nodiscard]] std::uint32_t process_limit() const noexcept { return admission_.process_limit(); }
  [[nodiscard]] Ledger& ledger() noexcept { return admission_.ledger(); }
  [[nodiscard]] PenaltyLedger& penalties() noexcept { return admission_.penalties(); }
  [[nodiscard]] BanTable& bans() noexcept { return admission_.bans(); }

 private:
  [[nodiscard]] Admission::Visit visit_of(const Post& post, const Address& source, Instant now, const Identity* identity);
  void refresh(Instant now);

  Admission admission_;
  LocalMinute local_;
  double load_ = 0;
  Pressure pressure_;
  Instant refreshed_{};
  bool load_sampled_ = false, pressure_sampled_ = false;
};

}  // namespace reeve
