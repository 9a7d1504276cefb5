// Admission: gathers the facts of a visit, asks decide() and counts whom it admits.
//
// Owns what decisions need to know about the past of all services: the ledger, the bans and the penalties; each service's own
// account is its caller's. Pure: moments, the local time and the load come in with the visit. The engine's Gate
// supplies them from the clocks, VirtualGate from a log or a model; both have their answers from here.
#pragma once

#include <optional>

#include "policy/ban_table.h"
#include "policy/decide.h"
#include "policy/ledger.h"
#include "policy/penalty_ledger.h"

namespace reeve {

class Admission {
 public:
  struct Visit {
    const Configuration& configuration;
    const Service& service;
    const Address& source;
    Instant now;
    LocalMinute local;                   // looked at where there are access_times
    double load = 0;                     // looked at where there is max_load
    Pressure pressure = {};              // looked at where there is max_pressure
    const Identity* identity = nullptr;  // as far as it is known
    bool stopped = false;                // the operator holds the service
  };

  struct Answer {
    Verdict verdict;
    Ticket ticket;                              // when admitted
    std::optional<Account::Overload> overload;  // when shed by cps
    [[nodiscard]] const Refusal* refusal() const noexcept { return std::get_if<Refusal>(&verdict); }
    [[nodiscard]] const Undecided* undecided() const noexcept { return std::get_if<Undecided>(&verdict); }
  };

  // `ban_seed`: see BanTable.
  explicit Admission(std::size_t most_bans = BanTable::kDefaultCapacity, std::uint64_t ban_seed = 0) : bans_(most_bans, ban_seed) {}

  // When it is admitted it is counted; the ticket holds its slot. An undecided visit is counted nowhere.
  [[nodiscard]] Answer ask(Account& account, const Visit& visit);
  // The same for one datagram of a built-in service: counted by cps, no slot taken.
  [[nodiscard]] Answer ask_datagram(Account& account, const Visit& visit);
  // The part that holds for every packet of a service whose listener a server has: bans, addresses, times. Whom only
  // his name could let in is refused.
  [[nodiscard]] Verdict ask_address(const Visit& visit) const;

  // What decide() would be asked with. Changes nothing but expired penalties.
  [[nodiscard]] Facts facts(Account& account, const Visit& visit) const;

  void set_process_limit(std::uint32_t limit) noexcept { process_limit_ = limit; }
  [[nodiscard]] std::uint32_t process_limit() const noexcept { return process_limit_; }
  [[nodiscard]] Ledger& ledger() noexcept { return ledger_; }
  [[nodiscard]] BanTable& bans() noexcept { return bans_; }
  [[nodiscard]] PenaltyLedger& penalties() noexcept { return penalties_; }

 private:
  [[nodiscard]] Facts facts(Account& account, const Visit& visit, const Prefix& prefix) const;

  Ledger ledger_;
  BanTable bans_;
  PenaltyLedger penalties_;
  std::uint32_t process_limit_ = kUnlimited;
};

}  // namespace reeve
