#include "policy/sensor.h"

#include <string>

namespace reeve {

Sprung spring(BanTable& bans, const Service& sensor, const Address& source, const std::optional<Address>& local, Instant now) {
  Sprung sprung{.touch = Touch::harmless, .prefix = bans.prefix_for(source), .why = {}};
  if (sensor.deny_minutes == 0 || (!sensor.is_stream() && !sensor.udp_bans)) return sprung;
  sprung.touch = Touch::spared;
  if (local && *local == source) {
    sprung.why = "the address that it touched";
    return sprung;
  }
  if (const Guarded* spared = bans.never_ban().conflict(sprung.prefix)) {
    sprung.why = to_text(spared->why);
    return sprung;
  }
  const bool forever = sensor.deny_minutes == kDenyForever;
  const std::optional<Instant> until =
      forever ? std::nullopt : std::optional(bans.end_of(sprung.prefix, std::chrono::minutes(sensor.deny_minutes), now));
  switch (bans.add(sprung.prefix, until, "sensor " + std::string(sensor.id), now, BanOrigin::sensor)) {
    case BanTable::Outcome::added:
      sprung.touch = Touch::banned;
      break;
    case BanTable::Outcome::extended:
      sprung.touch = Touch::banned_again;
      break;
    case BanTable::Outcome::never_ban:
      break;
    case BanTable::Outcome::full:
      sprung.touch = Touch::table_full;
      break;
  }
  return sprung;
}

}  // namespace reeve
