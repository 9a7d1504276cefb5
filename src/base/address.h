// Address, Endpoint, Prefix: who connects, and which networks a rule means.
//
// An IPv4 address is kept in its IPv4-mapped form (::ffff:a.b.c.d), so that a client has one identity
// whatever socket it came by: there is one type, one comparison and one table for both families.
// Used by every room; pure values, no system calls.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr_storage;

namespace reeve {

class Address {
 public:
  constexpr Address() noexcept = default;  // "::"
  explicit constexpr Address(const std::array<std::uint8_t, 16>& bytes) noexcept : bytes_(bytes) {}
  // `host_order`: 0x7f000001 is 127.0.0.1.
  [[nodiscard]] static Address v4(std::uint32_t host_order) noexcept;

  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const noexcept { return bytes_; }
  // Who comes by a unix socket: a user of this machine. No address of any network, so no prefix of an access list is
  // meant for it. kUnknownUser: one that did not say who he is.
  static constexpr std::uint32_t kUnknownUser = UINT32_MAX;
  [[nodiscard]] static Address local(std::uint32_t uid) noexcept;
  [[nodiscard]] bool is_local() const noexcept;
  [[nodiscard]] std::uint32_t uid() const noexcept;  // only when is_local()

  [[nodiscard]] bool is_v4() const noexcept;
  // Host byte order; only when is_v4().
  [[nodiscard]] std::uint32_t to_v4() const noexcept;
  [[nodiscard]] bool is_loopback() const noexcept;     // 127/8 or ::1
  [[nodiscard]] bool is_multicast() const noexcept;    // 224/4 or ff00::/8
  [[nodiscard]] bool is_unspecified() const noexcept;  // 0.0.0.0 or ::

  friend constexpr auto operator<=>(const Address&, const Address&) noexcept = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

struct Endpoint {
  Address address;
  std::uint16_t port = 0;  // host byte order

  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) noexcept = default;
};

// All addresses that share the first `bits` bits. IPv4 a.b.c.d/n has bits = 96 + n. Bits of
// `address` behind the prefix are zero.
struct Prefix {
  Address address;
  std::uint8_t bits = 128;  // 0..128

  // Masks `address`; `bits` in 0..128.
  [[nodiscard]] static Prefix of(const Address& address, unsigned bits) noexcept;
  [[nodiscard]] static Prefix host(const Address& address) noexcept { return {address, 128}; }
  [[nodiscard]] bool contains(const Address& address) const noexcept;
  [[nodiscard]] bool is_v4() const noexcept { return bits >= 96 && address.is_v4(); }

  friend constexpr auto operator<=>(const Prefix&, const Prefix&) noexcept = default;
};

// "192.0.2.1" or "2001:db8::1" (RFC 5952, without brackets or scope); IPv4-mapped text gives IPv4.
// Strict: four decimal parts for IPv4, no leading blanks, no octal. nullopt for everything else.
[[nodiscard]] std::optional<Address> parse_address(std::string_view text) noexcept;

// An address as parse_address() reads it, alone, or with "/24" (bits of IPv4's 32 or IPv6's 128) or, for IPv4, "/255.255.255.0". Bits
// behind the length are cleared. nullopt for everything else.
[[nodiscard]] std::optional<Prefix> parse_prefix(std::string_view text) noexcept;

// IPv4 (mapped or not) in dotted form, IPv6 as RFC 5952 has it; "uid:1000" or "local" for users of this machine.
[[nodiscard]] std::string to_text(const Address& address);
// "192.0.2.0/24", "2001:db8::/32"; a full-length prefix is written as a plain address.
[[nodiscard]] std::string to_text(const Prefix& prefix);
// "192.0.2.1:80", "[2001:db8::1]:80".
[[nodiscard]] std::string to_text(const Endpoint& endpoint);

// From accept(2), recvfrom(2) and the like; an unknown local user for UNIX; nullopt for other families.
[[nodiscard]] std::optional<Endpoint> endpoint_of(const sockaddr_storage& raw) noexcept;

}  // namespace reeve
