// Address forms: what may stand in only_from and no_access.
//
//   192.0.2.1  192.0.2.0 (trailing zero octets are wildcards)  192.0.{2,3}  192.0.2.0/24
//   2001:db8::1  2001:db8::/32  a name of networks(5)  host.example  .example
//
// Strict where xinetd guesses: 192.0.2 (which it takes for 192.0.0.2) and octal parts are refused.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace reeve {

struct AddressForm {
  std::vector<Prefix> prefixes;  // one; several for {a,b}; none for a name
  bool is_name = false;          // of a network, a host, or ".domain"
};

// An Error's `what` says what is wrong and what to write instead.
[[nodiscard]] Result<AddressForm> parse_address_form(std::string_view word);

// IPv4 with its trailing zero octets as wildcards; 0.0.0.0 is all of IPv4.
[[nodiscard]] Prefix wildcard_prefix(std::uint32_t host_order) noexcept;

}  // namespace reeve
