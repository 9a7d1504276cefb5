#include "engine/sensors.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "policy/sensor.h"
#include "sys/clock.h"

namespace reeve {

namespace {

// When the end of bans is announced: not oftener than that, and not later although a shorter ban came in
// meanwhile. Their effect ends exactly, whenever that is.
constexpr std::chrono::seconds kSweepLeast{1}, kSweepMost{10};

}  // namespace

void Sensors::guard(const Configuration& configuration) {
  bans_.set_never_ban(own_addresses(configuration));
}

void Sensors::spring(const Service& sensor, const Address& source, const std::optional<Address>& local, Instant now) {
  switch (reeve::spring(bans_, sensor, source, local, now)) {
    case Touch::harmless:
      return;
    case Touch::banned_again:
      break;
    case Touch::banned: {
      const std::string span = sensor.deny_minutes == kDenyForever ? "ever" : std::to_string(sensor.deny_minutes) + " minutes";
      journal_.say(Level::critical, wall_now(), "Adding " + to_text(source) + " to the global_no_access list for " + span);
      break;
    }
    case Touch::own_address:
      journal_.say(Level::warning, wall_now(),
                   "sensor " + std::string(sensor.id) + " was touched by this host's own address " + to_text(source) + ": not banned");
      break;
    case Touch::table_full:
      if (!std::exchange(said_full_, true))
        journal_.say(Level::error, wall_now(), "the list of bans is full: " + to_text(source) + " was not added; said once");
      break;
  }
  schedule();
}

BanTable::Outcome Sensors::ban(const Prefix& prefix, std::optional<Instant> until, std::string_view reason, Instant now) {
  const BanTable::Outcome outcome = bans_.add(prefix, until, reason, now);
  schedule();
  return outcome;
}

void Sensors::schedule() {
  if (watching_ || !bans_.next_expiry()) return;
  watching_ = true;
  loop_.start(watch_expiry());
}

Task<> Sensors::watch_expiry() {
  while (bans_.next_expiry()) {
    const Instant now = instant_now();
    const Instant next = std::clamp(*bans_.next_expiry(), now + kSweepLeast, now + kSweepMost);
    co_await loop_.sleep_until(next);
    const std::vector<Ban> ended = bans_.expire(instant_now());
    if (ended.empty()) continue;
    for (const Ban& ban : ended)
      journal_.say(Level::notice, wall_now(), "Removing " + to_text(ban.prefix) + " from the global_no_access list");
    journal_.say(Level::notice, wall_now(), bans_.size() == 0 ? "global_no_access list is empty" : "global_no_access list updated");
  }
  watching_ = false;
}

}  // namespace reeve
