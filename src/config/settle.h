// settle: what the attributes of an entry mean together.
//
// Works out kind, protocol, port and family, says what is missing or contradicts itself, and what is
// allowed but probably not meant. A Draft that is settled is complete, see service_builder.h.
#pragma once

#include "config/draft.h"

namespace reeve {

// False when the entry is refused; the Desk's report says why.
[[nodiscard]] bool settle(Desk& desk, Draft& draft);

// What defaults says of the control socket (apply_control.cc).
[[nodiscard]] ControlTerms settle_control(Desk& desk, const Draft& defaults);
// What can be said of alerts only when all of defaults is known.
void settle_alerts(Desk& desk, Draft& defaults);

// What has no effect because what it belongs to is not on (settle_defence.cc).
void settle_defence(Desk& desk, const Draft& defaults);

// What defaults says of the fleet, together (apply_fleet.cc).
void settle_fleet(Desk& desk, Draft& defaults);

}  // namespace reeve
