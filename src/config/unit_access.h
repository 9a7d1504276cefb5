// Who may come in, in the words of both sides: only_from and no_access, IPAddressAllow= and IPAddressDeny=.
//
// reeve: the better match decides, between equals no_access, and whoever is on no list is refused where there is an
// only_from. systemd: whoever is on the list of the allowed is let in, however much better his match on the other is. So
// lists are not copied but worked out anew; addresses admitted before are admitted after, and no other. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "config/service.h"

namespace reeve {

// As only_from and no_access read it: 10.0.0.0 alone would be 10.0.0.0/8 there.
[[nodiscard]] std::string access_word(const Prefix& prefix);

struct AccessWords {
  std::optional<std::vector<Prefix>> only_from, no_access;  // absent: the attribute is not set
};
[[nodiscard]] AccessWords from_systemd(std::span<const Prefix> allowed, std::span<const Prefix> denied);

struct SystemdAccess {
  std::vector<Prefix> allowed, denied;
};
// What the numeric entries of the service's lists say; nullopt when it takes more than kMostAllowed entries.
constexpr std::size_t kMostAllowed = 2000;
[[nodiscard]] std::optional<SystemdAccess> to_systemd(const Service& service);

}  // namespace reeve
