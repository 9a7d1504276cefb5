// Values of a unit's settings: yes and no, spans of time, sizes, addresses of sockets (systemd.syntax(7), systemd.socket(5)).
//
// Total functions over any text; a value that does not fit is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace reeve {

[[nodiscard]] std::optional<bool> parse_unit_bool(std::string_view text) noexcept;
// "2s", "1min 30s", "500ms", "5" (seconds): microseconds. "infinity" is UINT64_MAX.
[[nodiscard]] std::optional<std::uint64_t> parse_unit_time(std::string_view text) noexcept;
// "16M", "4096", "infinity" (UINT64_MAX).
[[nodiscard]] std::optional<std::uint64_t> parse_unit_size(std::string_view text) noexcept;

// What a ListenStream= names. Exactly one of path and port is set.
struct UnitAddress {
  std::string path;     // "/run/x", "@x"
  std::string address;  // as bind has it, "fe80::1%eth0"; empty: all
  bool is_v4 = false;   // of address
  std::uint16_t port = 0;
};
[[nodiscard]] std::optional<UnitAddress> parse_unit_address(std::string_view text);

// Words of IPAddressAllow= and IPAddressDeny=: prefixes, `any`, `localhost`, `link-local`, `multicast`.
[[nodiscard]] std::optional<std::vector<Prefix>> parse_unit_prefixes(std::string_view word);

}  // namespace reeve
