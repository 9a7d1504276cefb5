// Gate: gathers the facts of a visit and asks policy::decide.
//
// Owns what decisions need to know about the past: the ledger and the bans. It samples the load and the
// local time at most once a second. It performs nothing itself; the reception acts on the verdicts.
#pragma once

#include <optional>

#include "engine/post.h"
#include "policy/ban_table.h"
#include "policy/decide.h"
#include "policy/ledger.h"

namespace reeve {

class Gate {
 public:
  struct Answer {
    Verdict verdict;
    Ticket ticket;                              // when admitted
    std::optional<Account::Overload> overload;  // when shed by cps
    [[nodiscard]] const Refusal* refusal() const noexcept { return std::get_if<Refusal>(&verdict); }
    [[nodiscard]] const Undecided* undecided() const noexcept { return std::get_if<Undecided>(&verdict); }
  };

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
  // Is the service open at this time (access_times)?
  [[nodiscard]] bool is_open(const Post& post, Instant now);

  void set_process_limit(std::uint32_t limit) noexcept { process_limit_ = limit; }
  [[nodiscard]] Ledger& ledger() noexcept { return ledger_; }
  [[nodiscard]] BanTable& bans() noexcept { return bans_; }

 private:
  Verdict judge(Post& post, const Address& source, const Prefix& prefix, Instant now, const Identity* identity);
  void refresh(Instant now);

  Ledger ledger_;
  BanTable bans_;
  std::uint32_t process_limit_ = kUnlimited;
  LocalMinute local_;
  double load_ = 0;
  Instant refreshed_{};
  bool load_sampled_ = false;
};

}  // namespace reeve
