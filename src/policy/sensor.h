// What a sensor does to whoever touches it: the only implementation, for the engine (which says it in the log) and
// for virtual time.
#pragma once

#include <optional>
#include <string_view>

#include "base/address.h"
#include "base/time.h"
#include "config/service.h"
#include "policy/ban_table.h"

namespace reeve {

enum class Touch : std::uint8_t {
  harmless,  // deny_time = NEVER, or a datagram where those don't ban
  spared,    // somebody who is never banned
  banned,
  banned_again,  // it was banned already; until the later of both
  table_full,    // not banned: nothing ends before it
};

// What came of it.
struct Sprung {
  Touch touch = Touch::harmless;
  Prefix prefix;         // what is banned now, or would have been
  std::string_view why;  // spared: because of what
};

// Bans `source` and what ban_prefix has around it from all services for the sensor's deny_time, which grows with ban_growth,
// unless it is the address that it touched (`local`, where it is known) or one that is never banned.
[[nodiscard]] Sprung spring(BanTable& bans, const Service& sensor, const Address& source, const std::optional<Address>& local, Instant now);

}  // namespace reeve
