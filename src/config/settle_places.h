// settle_places: from `port` and `bind` of an entry to the places where it listens. A step of settle().
#pragma once

#include "config/draft.h"

namespace reeve {

// More listeners than two addresses have ports are a mistake.
constexpr std::size_t kMaxPlaces = 140'000;

// Fills the draft's ranges and places, and the service's port and family. What is wrong is refused at the desk.
// The socket type, the protocol and the types of the service are settled.
void settle_places(Desk& desk, Draft& draft);

// The unused ports of one address family have one sensor: which of `services` is in the way of `service`; nullptr: none.
[[nodiscard]] const Service* other_on_unused_ports(std::span<const Service> services, const Service& service);

}  // namespace reeve
