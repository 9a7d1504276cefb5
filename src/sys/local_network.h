// Where this machine stands in its network: its addresses, default gateways and name servers, and the news that they changed.
//
// Addresses are asked of the kernel (rtnetlink(7)), gateways are read from /proc/net/route and /proc/net/ipv6_route, name servers
// from resolv.conf(5). The engine uses it inside its sandbox, so all sockets are opened before. What can't be found out is left out.
//
// The loopback interface is not counted: whoever comes from there is a program of this machine, and 127.0.0.66 may be anybody.
// Bounds: kMostBytes of a file (some 7,000 routes; with more, a gateway behind is not seen), kMostAddresses of each kind. Of
// several gateways of one IPv4 route the file tells the first.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/local_network.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "sys/interfaces.h"

namespace reeve {

// Gateways of default routes that are up, in the words of /proc/net/route and of /proc/net/ipv6_route; lines that are none are
// skipped.
[[nodiscard]] std::vector<Address> parse_gateways_v4(std::string_view text);
[[nodiscard]] std::vector<Address> parse_gateways_v6(std::string_view text);
// Of resolv.conf(5).
[[nodiscard]] std::vector<Address> parse_name_servers(std::string_view text);

class LocalNetworkSource {
 public:
  static constexpr std::size_t kMostBytes = 1u << 20;
  static constexpr std::size_t kMostAddresses = 4096;

  [[nodiscard]] static Result<LocalNetworkSource> open();

  [[nodiscard]] LocalNetwork read();
  // Readable when addresses or interfaces changed (not for routes: a router's change all the time); take() empties it.
  [[nodiscard]] int news() const noexcept { return news_.fd(); }
  void take() noexcept { news_.take(); }

 private:
  LocalNetworkSource(UniqueFd questions, AddressNews news) noexcept : questions_(std::move(questions)), news_(std::move(news)) {}
  [[nodiscard]] std::vector<Address> own_addresses();

  UniqueFd questions_;  // of rtnetlink
  AddressNews news_;
  std::uint32_t serial_ = 0;
};

}  // namespace reeve
