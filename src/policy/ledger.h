// Ledger: what the limits need to know about the past: how many instances run, from whom, and how fast
// visits came. It reads no clock and performs nothing; the moment comes in.
//
// An admitted visit holds a Ticket. The Ticket is the slot: destroying it gives the slot back, so counts
// can't leak. Tickets, Accounts and the Ledger may go in any order. Accounts survive a reload (the engine
// carries them from the old service to the one that continues it).
//
// cps = RATE WAIT. A service has a budget of RATE visits at once and RATE a second. While there is budget,
// everybody is free. When it is used up, a source that in the last second had more than its fair share (RATE
// by the number of sources that came in that second) is shed for WAIT seconds, and its attempts don't make
// that longer; the others go on, on debt, until RATE visits are owed. So who floods a service shuts out
// himself, and over any T seconds no more than RATE * (T + 2) visits come in.
//
// Bounds: sources per account kMaxSources; over it, a source without running instances is forgotten
// (the one that was idle longest), and if all are busy the visit counts for the service only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/address.h"
#include "base/time.h"
#include "config/service.h"
#include "policy/decide.h"

namespace reeve {

class Ledger;

// A service with more places stays open over cps: closing their listeners would cost more than refusing.
constexpr std::uint32_t kMostPlacesToRest = 256;
// Has it listeners that can stop listening over cps (see Rest below)? A unix socket can't, whatever this says.
[[nodiscard]] bool can_rest(const Service& service) noexcept;

// One service's counts. Made and owned by the engine's service state, one for each service that runs;
// cheap until the first visit (no allocation).
class Account {
 public:
  Account();
  Account(Account&&) noexcept;
  Account& operator=(Account&&) noexcept;
  ~Account();

  [[nodiscard]] std::uint32_t running() const noexcept;
  [[nodiscard]] std::uint32_t running_from(const Prefix& source) const noexcept;

  // Has the source used up its rate_per_source? For Facts.
  [[nodiscard]] bool is_over_source_rate(const Service& service, const Prefix& source, Instant now) const noexcept;

  // cps as seen now, for Facts. Does not change anything but expired penalties.
  [[nodiscard]] RateState rate(const Service& service, const Prefix& source, Instant now);

  struct Overload {
    bool began = false;      // this visit started it: say so in the log, once
    bool penalised = false;  // the source is shed until penalty_until; false: only this visit was
    // Set while nobody but the overloading source is known (see Rest below).
    std::optional<Instant> rest_at;
    Instant penalty_until;
  };
  // Counts an arrival that passed everything before cps and was shed; the overload it is part of.
  Overload note_shed(const Service& service, const Prefix& source, Instant now);

  // Rest: with CpsAction::automatic a service that is overloaded by the only source it knows (nobody else
  // is running or was admitted in the last ten minutes) stops listening at `rest_at` until `penalty_until`,
  // unless somebody else came meanwhile; with CpsAction::close or compat = xinetd it stops at once, for
  // everybody. Should it begin to rest now?
  [[nodiscard]] bool should_rest(const Service& service, Instant now) const;

 private:
  friend class Ledger;
  friend class Ticket;
  struct State;
  std::shared_ptr<State> state_;  // with the tickets
};

// A slot. Move-only. An empty Ticket holds nothing.
class Ticket {
 public:
  Ticket() noexcept;
  Ticket(Ticket&& other) noexcept;
  Ticket& operator=(Ticket&& other) noexcept;
  ~Ticket();
  [[nodiscard]] explicit operator bool() const noexcept;
  [[nodiscard]] const Prefix& source() const noexcept;

 private:
  friend class Ledger;
  struct Slot;
  std::unique_ptr<Slot> slot_;
};

class Ledger {
 public:
  static constexpr std::uint32_t kMaxSources = 65'536;

  Ledger();
  ~Ledger();

  // Consumes one arrival of the rate and takes a slot. Call it only for a visit that decide() admitted.
  // `is_process`: it counts against -limit.
  [[nodiscard]] Ticket admit(Account& account, const Service& service, const Prefix& source, bool is_process, Instant now);
  // A slot for an instance that runs already (told by the monitor to a new engine): no rate.
  [[nodiscard]] Ticket adopt(Account& account, const Prefix& source, bool is_process);

  [[nodiscard]] std::uint32_t processes() const noexcept;

 private:
  friend class Ticket;
  struct Processes;
  std::shared_ptr<Processes> processes_;
};

}  // namespace reeve
