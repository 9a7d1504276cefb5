#include "policy/sensor.h"

#include <algorithm>
#include <string>

namespace reeve {

Touch spring(BanTable& bans, const Service& sensor, const Address& source, const std::optional<Address>& local, Instant now) {
  if (sensor.deny_minutes == 0 || (!sensor.is_stream() && !sensor.udp_bans)) return Touch::harmless;
  if (local && *local == source) return Touch::own_address;
  const bool forever = sensor.deny_minutes == kDenyForever;
  const std::optional<Instant> until = forever ? std::nullopt : std::optional(now + std::chrono::minutes(sensor.deny_minutes));
  switch (bans.add(Prefix::host(source), until, "sensor " + std::string(sensor.id), now)) {
    case BanTable::Outcome::added:
      return Touch::banned;
    case BanTable::Outcome::extended:
      return Touch::banned_again;
    case BanTable::Outcome::never_ban:
      return Touch::own_address;
    case BanTable::Outcome::full:
      break;
  }
  return Touch::table_full;
}

std::vector<Prefix> own_addresses(const Configuration& configuration) {
  std::vector<Prefix> own;
  for (const Place& place : configuration.places) {
    const bool is_new = own.empty() || own.back().address != place.address;
    if (is_new && !place.is_unix() && !place.address.is_unspecified()) own.push_back(Prefix::host(place.address));
  }
  std::ranges::sort(own);
  own.erase(std::unique(own.begin(), own.end()), own.end());
  return own;
}

}  // namespace reeve
