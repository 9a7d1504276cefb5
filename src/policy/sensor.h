// What a sensor does to whoever touches it: the only implementation, for the engine (which says it in the log) and
// for virtual time.
#pragma once

#include <optional>
#include <vector>

#include "base/address.h"
#include "base/time.h"
#include "config/service.h"
#include "policy/ban_table.h"

namespace reeve {

enum class Touch : std::uint8_t {
  harmless,     // deny_time = NEVER, or a datagram where those don't ban
  own_address,  // of this host: not banned
  banned,
  banned_again,  // it was banned already; until the later of both
  table_full,    // not banned: nothing ends before it
};

// Bans `source` from all services for the sensor's deny_time, unless it is the address that it touched (`local`, where
// it is known) or one that is never banned.
[[nodiscard]] Touch spring(BanTable& bans, const Service& sensor, const Address& source, const std::optional<Address>& local, Instant now);

// The addresses that `configuration` binds services to: never to be banned.
[[nodiscard]] std::vector<Prefix> own_addresses(const Configuration& configuration);

}  // namespace reeve
