// Names: the port through which a configuration asks the system's databases.
//
// sys/names.h has the real ones, config/bundle.h recorded answers, tests have maps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"

namespace reeve {

struct UserIds {
  std::uint32_t uid = 0, gid = 0;
};

// An interface's address, with the interface's index where the address means nothing without it (link-local ones).
struct ScopedAddress {
  Address address;
  std::uint32_t scope = 0;
};

// The system's databases: passwd(5), group(5), services(5), protocols(5), networks(5), rpc(5).
class Names {
 public:
  virtual ~Names() = default;
  [[nodiscard]] virtual std::optional<UserIds> find_user(const std::string& name) = 0;
  [[nodiscard]] virtual std::optional<std::uint32_t> find_group(const std::string& name) = 0;
  // Supplementary groups of a user, the primary one included (getgrouplist(3)).
  [[nodiscard]] virtual std::vector<std::uint32_t> groups_of(const std::string& user, std::uint32_t gid) = 0;
  // Port in host byte order.
  [[nodiscard]] virtual std::optional<std::uint16_t> find_port(const std::string& service, const std::string& protocol) = 0;
  [[nodiscard]] virtual std::optional<std::uint8_t> find_protocol(const std::string& name) = 0;
  // Network number as networks(5) writes it, host byte order: 127.77.0.0 is 0x7f4d0000.
  [[nodiscard]] virtual std::optional<std::uint32_t> find_network(const std::string& name) = 0;
  [[nodiscard]] virtual std::optional<std::uint32_t> find_rpc(const std::string& name) = 0;
  // Addresses of a network interface as they are now; empty when it has none, or is not there.
  [[nodiscard]] virtual std::vector<ScopedAddress> addresses_of_interface(const std::string& /*name*/) { return {}; }
  [[nodiscard]] virtual std::optional<std::uint32_t> find_interface(const std::string& /*name*/) { return std::nullopt; }  // its index
  // Addresses of a host as hosts(5) has them.
  [[nodiscard]] virtual std::vector<Address> addresses_of_host(const std::string& /*name*/) { return {}; }
  // Contents of a small regular file that an attribute names; nullopt when there is none, or it is larger than `most` bytes.
  [[nodiscard]] virtual std::optional<std::string> text_of_file(const std::string& /*path*/, std::size_t /*most*/) { return std::nullopt; }
  // Is there an executable regular file? (a warning when not: the file may come later)
  [[nodiscard]] virtual bool is_executable(const std::string& path) = 0;
};

}  // namespace reeve
