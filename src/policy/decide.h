// decide: may this visit be served? The only place where a connection or datagram is refused.
//
// Pure: no clock, no system call, no names. What the decision depends on comes in as Facts, gathered
// before: by the engine for a living daemon, from a log for replay, from a model for simulate. The
// Verdict is a value with the reason and the place in the configuration that decided.
//
// Order: stopped, ban, no_access / only_from, access_times, max_load, max_pressure, rate_per_source, cps, instances,
// per_source, process limit.
// What tells a stranger from a guest comes first, so that somebody who may not come in anyway can't
// use up what the limits hold for those who may.
//
// Where only the client's name or user can decide, and the facts hold neither yet, the verdict is Undecided
// and says what to find out; nothing is looked up for a visit that all else refuses. Names weigh less than
// addresses: a name in only_from does not outweigh an address in no_access.
#pragma once

#include <array>
#include <cstdint>
#include <variant>

#include "base/address.h"
#include "base/identity.h"
#include "base/time.h"
#include "config/service.h"
#include "policy/reason.h"

namespace reeve {

// What the rate limit says about one more arrival from this source now (policy/rate.h).
enum class RateState : std::uint8_t { free, shed };

struct Facts {
  LocalMinute local;
  double load = 0;       // load average of the last minute; asked only if max_load is set
  Pressure pressure;     // likewise if max_pressure is set; 0 where the kernel does not tell
  bool stopped = false;  // the operator holds the service
  bool banned = false;
  RateState rate = RateState::free;
  bool over_source_rate = false;  // rate_per_source
  std::uint32_t running = 0;      // instances of the service
  std::uint32_t running_from_source = 0;
  std::uint32_t processes = 0;               // of all services
  std::uint32_t process_limit = kUnlimited;  // -limit
  const Identity* identity = nullptr;        // as far as it was asked for
};

struct Admitted {};

struct Refusal {
  Reason reason = Reason::address;
  Where where;  // the rule that decided; line 0 where no file said so (bans, -limit, built-in defaults)
};

// What has to be known first. One thing at a time: nobody's user is asked for before his name let him in.
struct Undecided {
  enum class Need : std::uint8_t { name, user } need = Need::name;
};

using Verdict = std::variant<Admitted, Refusal, Undecided>;

[[nodiscard]] Verdict decide(const Configuration& configuration, const Service& service, const Address& source, const Facts& facts);

// What decide() checks, in its order.
enum class Check : std::uint8_t {
  stopped,
  ban,
  access,
  time,
  load,
  pressure,
  source_rate,
  cps,
  instances,
  per_source,
  process_limit,
  user
};
constexpr std::size_t kChecks = 12;

// A decision with all its steps, for `reeve explain`: the same checks in the same walk as decide(), which goes on behind
// the first refusal.
struct Trace {
  std::array<Verdict, kChecks> said;  // by Check: what each says for itself
  Verdict verdict;                    // decide()'s
};
[[nodiscard]] Trace trace(const Configuration& configuration, const Service& service, const Address& source, const Facts& facts);

// The entries of no_access and only_from that match an address best; nullptr: none does. Names take no part.
struct AccessMatch {
  const AccessEntry* denied = nullptr;
  const AccessEntry* allowed = nullptr;
};
[[nodiscard]] AccessMatch match_access(const Service& service, const Address& source) noexcept;

// The part that holds for a running instance too: after a reload, may it go on? Looks at no_access /
// only_from and access_times. `name`: as found when it was admitted; nullptr or unasked: not known.
[[nodiscard]] Verdict decide_again(const Configuration& configuration, const Service& service, const Address& source, LocalMinute local,
                                   const HostName* name);

// Is the user at the client's end to be found out before the visit is served (IDONLY), or logged beside it (USERID)?
// Only for streams without wait = yes, as in xinetd, and not for sensors.
[[nodiscard]] bool needs_user(const Service& service) noexcept;
[[nodiscard]] bool logs_user(const Service& service, bool refused) noexcept;

// Is the service open at this time (access_times)?
[[nodiscard]] bool is_open(const Service& service, LocalMinute local) noexcept;

// How many instances one source may have: per_source where given, else 3/4 of `instances` (a source
// that nobody limited must not take the last slot; with fewer than 8 instances there is no reserve),
// kUnlimited under compat = xinetd.
[[nodiscard]] std::uint32_t source_limit(const Service& service) noexcept;

// The prefix that counts as one source for limits: source_prefix of the service (/32 and /64).
[[nodiscard]] Prefix source_prefix(const Service& service, const Address& source) noexcept;

}  // namespace reeve
