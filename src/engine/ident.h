// Ident: asks the client's machine who uses the client's end of a connection (RFC 1413).
//
// IPv4 and IPv6. The question comes from the address that the client called, to port 113 of the client's.
#pragma once

#include <sys/socket.h>

#include <optional>

#include "base/address.h"
#include "base/identity.h"
#include "base/time.h"
#include "sys/loop.h"

namespace reeve {

// All that is needed to ask, taken from a connection that may be given away or closed afterwards. The answer is right
// as long as the client's end exists.
struct IdentQuestion {
  sockaddr_storage server{};  // the client's machine, port 113
  sockaddr_storage from{};    // the address that it called, any port
  socklen_t size = 0;         // of both
  std::uint16_t theirs = 0, ours = 0;
  Address client;
};
// nullopt: it is no connection of IPv4 or IPv6 (any more).
[[nodiscard]] std::optional<IdentQuestion> ident_question(int connection) noexcept;

// The deadline holds for all of it, to a second.
[[nodiscard]] Task<RemoteUser> ask_ident(Loop& loop, IdentQuestion question, Instant deadline);

}  // namespace reeve
