// The PROXY protocol: how one proxy tells the next for whom it comes, in front of the first byte of a connection.
// https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt, versions 1 (a line) and 2 (binary).
//
// Used by the engine in both directions: engine/introduction reads headers of trusted proxies, engine/relaying
// writes them to targets. Pure; what is read comes from the network, and a fuzzer feeds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/address.h"

namespace reeve {

// The longest header that is read: version 1 has at most 107 bytes, version 2 announces its length; what it carries
// besides two addresses (names, certificates) is skipped.
constexpr std::size_t kMaxProxyHeader = 4096;

struct ProxyHeader {
  enum class Outcome : std::uint8_t {
    more,    // all that is there belongs to the header, and its end has not come
    done,    // `size` bytes are the header, the rest is the client's
    broken,  // it is none
  } outcome = Outcome::broken;
  std::size_t size = 0;
  // Who connects to whom. None: the proxy speaks for itself (LOCAL), or of a family without addresses (UNKNOWN,
  // UNSPEC, unix sockets); then the connection's own addresses hold.
  std::optional<Endpoint> source, destination;
};

// `bytes`: the connection's first bytes, as far as they have come.
[[nodiscard]] ProxyHeader read_proxy_header(std::string_view bytes) noexcept;

// The header for a TCP connection of `source` to `destination`. Mixed families are told as IPv6.
[[nodiscard]] std::string proxy_header_v1(const Endpoint& source, const Endpoint& destination);
[[nodiscard]] std::string proxy_header_v2(const Endpoint& source, const Endpoint& destination);

}  // namespace reeve
