#include "engine/sensors.h"

#include <algorithm>
#include <string>
#include <vector>

#include "sys/clock.h"

namespace reeve {

namespace {

// When the end of bans is announced: not oftener than that, and not later although a shorter ban came in
// meanwhile. Their effect ends exactly, whenever that is.
constexpr std::chrono::seconds kSweepLeast{1}, kSweepMost{10};

}  // namespace

void Sensors::guard(const Configuration& configuration) {
  std::vector<Prefix> own;
  for (const Place& place : configuration.places) {
    const bool is_new = own.empty() || own.back().address != place.address;
    if (is_new && !place.is_unix() && !place.address.is_unspecified()) own.push_back(Prefix::host(place.address));
  }
  std::sort(own.begin(), own.end());
  own.erase(std::unique(own.begin(), own.end()), own.end());
  bans_.set_never_ban(std::move(own));
}

void Sensors::spring(const Service& sensor, const Address& source, const std::optional<Address>& local, Instant now) {
  if (sensor.deny_minutes == 0) return;
  const bool forever = sensor.deny_minutes == kDenyForever;
  if (local && *local == source) {
    journal_.say(Level::warning, wall_now(),
                 "sensor " + std::string(sensor.id) + " was touched by this host's own address " + to_text(source) + ": not banned");
    return;
  }
  const std::optional<Instant> until = forever ? std::nullopt : std::optional(now + std::chrono::minutes(sensor.deny_minutes));
  const std::string who = to_text(source);
  switch (bans_.add(Prefix::host(source), until, "sensor " + std::string(sensor.id), now)) {
    case BanTable::Outcome::added: {
      const std::string span = forever ? "ever" : std::to_string(sensor.deny_minutes) + " minutes";
      journal_.say(Level::critical, wall_now(), "Adding " + who + " to the global_no_access list for " + span);
      break;
    }
    case BanTable::Outcome::extended:
      break;
    case BanTable::Outcome::never_ban:
      journal_.say(Level::warning, wall_now(),
                   "sensor " + std::string(sensor.id) + " was touched by this host's own address " + who + ": not banned");
      break;
    case BanTable::Outcome::full:
      if (!std::exchange(said_full_, true))
        journal_.say(Level::error, wall_now(), "the list of bans is full: " + who + " was not added; said once");
      break;
  }
  schedule();
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
