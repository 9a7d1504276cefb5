// Sensors: what happens to somebody who touches a service that nobody should touch.
#pragma once

#include <optional>

#include "engine/post.h"
#include "policy/ban_table.h"
#include "record/journal.h"
#include "sys/loop.h"

namespace reeve {

class Sensors {
 public:
  Sensors(Loop& loop, BanTable& bans, Journal& journal) noexcept : loop_(loop), bans_(bans), journal_(journal) {}

  // Bans `source` from all services for the sensor's deny_time, unless it is one of our own addresses: the
  // one that it touched (`local`), or one that a service is bound to.
  void spring(const Service& sensor, const Address& source, const std::optional<Address>& local, Instant now);

  // A ban by the operator; it ends as those of sensors do.
  BanTable::Outcome ban(const Prefix& prefix, std::optional<Instant> until, std::string_view reason, Instant now);

  // The addresses that `configuration` binds services to are never banned.
  void guard(const Configuration& configuration);

 private:
  void schedule();
  Task<> watch_expiry();

  Loop& loop_;
  BanTable& bans_;
  Journal& journal_;
  bool watching_ = false;
  bool said_full_ = false;
};

}  // namespace reeve
